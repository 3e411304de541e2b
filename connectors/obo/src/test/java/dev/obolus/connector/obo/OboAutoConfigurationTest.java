// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.obo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.connector.DelegatedAccessProvider;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;

final class OboAutoConfigurationTest {
  @TempDir Path folder;

  @Test
  void theGatewayIsOfferedDelegatedAccess() throws IOException {
    try (var context = start(Map.of())) {
      assertThat(context.getBean(DelegatedAccessProvider.class)).isNotNull();
    }
  }

  @Test
  void itIsFoundByItsName() throws IOException {
    String imports =
        "META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports";
    try (var in = OboAutoConfiguration.class.getClassLoader().getResourceAsStream(imports)) {
      assertThat(in).isNotNull();
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .contains(OboAutoConfiguration.class.getName());
    }
  }

  @Test
  void whatIsMissingOrUnsafeStopsTheStart() {
    refuses(Map.of("obolus.obo.client-id", ""), "obolus.obo.client-id is missing");
    refuses(Map.of("obolus.obo.client-secret-file", ""), "give one of");
    refuses(Map.of("obolus.identity.authority", "http://login.example.com"), "plain http");
    refuses(Map.of("obolus.identity.authority", "ftp://127.0.0.1"), "plain http");
    for (String time : List.of("51m", "0s", "-1s")) {
      refuses(Map.of("obolus.obo.max-ttl", time), "obolus.obo.max-ttl is at most 50 minutes");
    }
  }

  @Test
  void eachProfileStartsWithWhatItNeedsAndNotWithout() throws IOException {
    for (Map<String, String> settings :
        List.of(
            Map.of("obolus.obo.profile", "agent-id", "obolus.obo.agent-identity", "agent"),
            Map.of(
                "obolus.obo.profile", "rfc8693",
                "obolus.obo.token-endpoint", "https://keycloak.example/token"))) {
      try (var context = start(settings)) {
        assertThat(context.getBean(DelegatedAccessProvider.class)).isNotNull();
      }
    }
    refuses(Map.of("obolus.obo.profile", "agent-id"), "obolus.obo.agent-identity is missing");
    refuses(Map.of("obolus.obo.profile", "rfc8693"), "obolus.obo.token-endpoint is missing");
    refuses(
        Map.of(
            "obolus.obo.profile", "rfc8693",
            "obolus.obo.token-endpoint", "http://keycloak.example/token"),
        "plain http");
  }

  @Test
  void aStandbyIsOneCredentialMore() throws IOException {
    Path next = folder.resolve("next.secret");
    Files.writeString(next, "next");
    Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-------"));
    try (var context = start(Map.of("obolus.obo.standby.client-secret-file", next.toString()))) {
      assertThat(context.getBean(Credentials.class).state()).isEqualTo("primary");
    }
    refuses(
        Map.of(
            "obolus.obo.standby.client-secret-file",
            next.toString(),
            "obolus.obo.standby.managed-identity",
            "system"),
        "give one of obolus.obo.standby.client-secret-file");
    refuses(
        Map.of("obolus.obo.managed-identity", "system"), "give one of obolus.obo.client-secret");
  }

  @Test
  void plainHttpReachesTheHostsThatConfigurationNames() throws IOException {
    try (var context =
        start(
            Map.of(
                "obolus.identity.authority",
                "http://sandbox:8082",
                "obolus.http-allowed-hosts",
                "sandbox"))) {
      assertThat(context.getBean(DelegatedAccessProvider.class)).isNotNull();
    }
  }

  @Test
  void theAuthorityIsTheIdentitysUnlessGiven() {
    var properties =
        new Binder(new MapConfigurationPropertySource(Map.of("obolus.obo.client-id", "id")))
            .bind("obolus.obo", OboProperties.class)
            .get();

    assertThat(properties.authority(URI.create("https://login.example/"), List.of()))
        .isEqualTo(URI.create("https://login.example"));
  }

  private void refuses(Map<String, String> settings, String sentence) {
    assertThatThrownBy(() -> start(settings).close()).hasStackTraceContaining(sentence);
  }

  private AnnotationConfigApplicationContext start(Map<String, String> settings)
      throws IOException {
    Path secret = folder.resolve("gateway.secret");
    Files.writeString(secret, "secret");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    var all = new HashMap<String, Object>();
    all.put("obolus.obo.client-id", "gateway");
    all.put("obolus.obo.client-secret-file", secret.toString());
    all.put("obolus.identity.authority", "http://127.0.0.1:8082");
    all.putAll(settings);
    if ("".equals(settings.get("obolus.obo.client-secret-file"))) {
      all.remove("obolus.obo.client-secret-file");
    }
    var context = new AnnotationConfigApplicationContext();
    context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", all));
    context.register(OboAutoConfiguration.class);
    context.refresh();
    return context;
  }
}
