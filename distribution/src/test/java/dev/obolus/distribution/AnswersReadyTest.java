// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The images' health check, against listeners of both kinds. */
class AnswersReadyTest {
  private static final Map<String, String> PATH = Map.of("PATH", "/usr/local/bin:/usr/bin:/bin");
  private static final String PASSWORD = "of this test";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "http,  http,  200, true",
    "https, https, 200, true",
    "http,  http,  503, false",
    "https, https, 503, false",
    "http,  https, 200, false",
    "https, http,  200, false"
  })
  void itPassesOnlyWhereAListenerOfItsSchemeAnswers200(
      String listens, String asked, int answers, boolean passes) throws Exception {
    HttpServer server = listens.equals("https") ? withTls() : HttpServer.create();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/ready",
        exchange -> {
          exchange.sendResponseHeaders(answers, -1);
          exchange.close();
        });
    server.start();
    try {
      int port = server.getAddress().getPort();
      assertThat(check(asked, port).code() == 0).isEqualTo(passes);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void itFailsWhereNobodyListens() throws Exception {
    assertThat(check("https", 1).code()).isNotZero();
    assertThat(check("http", 1).code()).isNotZero();
  }

  private Shell.Ended check(String scheme, int port) throws Exception {
    String script = Path.of("images/answers-ready").toAbsolutePath().toString();
    return Shell.run(
        folder, PATH, "timeout", "20", "bash", script, scheme, Integer.toString(port), "/ready");
  }

  private HttpServer withTls() throws Exception {
    Path store = folder.resolve("listener.p12");
    Shell.Ended made =
        Shell.run(
            folder,
            PATH,
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            "listener",
            "-keyalg",
            "EC",
            "-dname",
            "CN=gateway.example",
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD,
            "-keystore",
            store.toString());
    assertThat(made.code()).as(made.said()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream bytes = Files.newInputStream(store)) {
      keys.load(bytes, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    HttpsServer server = HttpsServer.create();
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return server;
  }
}
