// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import dev.obolus.audit.witness.Witness;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A witness that a customer runs where the log's owner has no say. */
@Command(
    name = "witness",
    mixinStandardHelpOptions = true,
    description = {
      "Run a witness (C2SP tlog-witness): it remembers the newest checkpoint of each log and cosigns"
          + " only what goes on from it.",
      "It speaks plain HTTP: put TLS before it where it is reached over a network."
    })
final class WitnessCommand implements Callable<Integer> {
  private static final int MAX_BODY = 256 * 1024;
  private static final int THREADS = 4;
  private static final int BACKLOG = 16;
  private static final int MAX_PORT = 65_535;

  @Option(
      names = "--listen",
      defaultValue = "127.0.0.1:8090",
      paramLabel = "ADDRESS:PORT",
      description = "where it answers (default: ${DEFAULT-VALUE}); port 0 takes a free one")
  private String listen = "";

  @Option(
      names = "--key",
      required = true,
      paramLabel = "FILE",
      description = "the witness's key, made by: obolus audit keygen --witness")
  private Path key = Path.of("");

  @Option(
      names = "--log",
      required = true,
      paramLabel = "FILE",
      description = "public keys of a log to cosign for; may be repeated")
  private List<Path> logs = List.of();

  @Option(names = "--data", required = true, paramLabel = "DIR", description = "where it remembers")
  private Path data = Path.of("");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Unavailable, InterruptedException {
    InetSocketAddress address = address();
    try (Witness witness = open()) {
      HttpServer server = serve(witness, address);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> server.stop(1)));
      spec.commandLine().getOut().println("witness answers on " + url(server.getAddress()));
      spec.commandLine().getOut().flush();
      new CountDownLatch(1).await();
      return ObolusCli.DONE;
    } catch (IOException e) {
      throw Unavailable.because("the witness does not start", e);
    }
  }

  private Witness open() throws IOException {
    List<NoteKey> known = new ArrayList<>();
    for (Path log : logs) {
      List<NoteKey> keys = NoteKey.read(log);
      if (keys.isEmpty()) {
        throw new IOException("no public key is in " + log);
      }
      known.addAll(keys);
    }
    return Witness.open(SigningKey.read(key), known, data, InstantSource.system());
  }

  private InetSocketAddress address() throws Unavailable {
    int colon = listen.lastIndexOf(':');
    if (colon < 1 || !listen.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw new ParameterException(spec.commandLine(), "not an address and a port: " + listen);
    }
    int port = Integer.parseInt(listen.substring(colon + 1));
    if (port > MAX_PORT) {
      throw new ParameterException(spec.commandLine(), "not an address and a port: " + listen);
    }
    try {
      return new InetSocketAddress(InetAddress.getByName(listen.substring(0, colon)), port);
    } catch (UnknownHostException e) {
      throw new Unavailable("no address of this machine is known by the name in " + listen, e);
    }
  }

  private static String url(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /** Starts answering; the caller stops it. */
  static HttpServer serve(Witness witness, InetSocketAddress address) throws IOException {
    HttpServer server = HttpServer.create(address, BACKLOG);
    server.setExecutor(
        Executors.newFixedThreadPool(THREADS, Thread.ofPlatform().daemon().factory()));
    server.createContext("/", exchange -> answer(witness, exchange));
    server.start();
    return server;
  }

  private static void answer(Witness witness, HttpExchange exchange) throws IOException {
    try (exchange) {
      Witness.Answer answer = answer(witness, exchange.getRequestMethod(), exchange);
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.contentType());
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static Witness.Answer answer(Witness witness, String method, HttpExchange exchange)
      throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (method.equals("POST") && path.equals("/add-checkpoint")) {
      byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
      return body.length > MAX_BODY
          ? text(413, "too long\n")
          : witness.add(new String(body, StandardCharsets.UTF_8));
    }
    if (method.equals("GET") && path.matches("/[0-9a-f]{64}/checkpoint")) {
      Optional<String> found = witness.checkpoint(path.substring(1, 65));
      return found.map(note -> text(200, note)).orElseGet(() -> text(404, "no checkpoint yet\n"));
    }
    return text(404, "nothing here\n");
  }

  private static Witness.Answer text(int status, String body) {
    return new Witness.Answer(status, "text/plain; charset=utf-8", body);
  }
}
