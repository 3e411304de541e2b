// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.postgres;

import static dev.obolus.audit.postgres.LogFixture.decided;
import static dev.obolus.audit.postgres.LogFixture.served;

import dev.obolus.audit.AuditEvent.Decided;
import dev.obolus.audit.Receipt;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.issuing.Enrolment;
import dev.obolus.audit.personal.FileKeyEncryption;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A writer in a process of its own: sixteen callers, each with a permit and then its outcome, over
 * and over; every receipt that a caller is given is a line of standard output. It ends when its
 * standard input does, if nobody kills it before.
 */
final class KilledWriter {
  private KilledWriter() {}

  static Process start(LogFixture fixture) throws IOException {
    return start(fixture, "root", fixture.rootKeyFile());
  }

  /** One that holds no root key. */
  static Process enrolled(LogFixture fixture, Path enrolment) throws IOException {
    return start(fixture, "enrolled", enrolment);
  }

  private static Process start(LogFixture fixture, String how, Path key) throws IOException {
    DatabaseSettings database = fixture.settings(TestPostgres.GATEWAY);
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            KilledWriter.class.getName(),
            Integer.toString(database.port()),
            database.database(),
            database.passwordFile().toString(),
            how,
            key.toString(),
            fixture.rootKeyFile().resolveSibling("value.key").toString())
        .redirectError(ProcessBuilder.Redirect.appendTo(new File("/dev/null")))
        .start();
  }

  public static void main(String[] arguments) throws IOException {
    DatabaseSettings database =
        new DatabaseSettings(
            "127.0.0.1",
            Integer.parseInt(arguments[0]),
            arguments[1],
            TestPostgres.GATEWAY,
            Path.of(arguments[2]),
            DatabaseSettings.Tls.PLAIN);
    AuditDatabase opened =
        open(database, arguments[3], Path.of(arguments[4]), Path.of(arguments[5]));
    LogFixture.until(opened.log()::ready);
    reactor.core.Disposable load =
        Flux.range(0, 16).flatMap(caller -> call(opened).repeat()).subscribe();
    while (System.in.read() >= 0) {
      Thread.onSpinWait();
    }
    load.dispose();
    Runtime.getRuntime().halt(1);
  }

  private static AuditDatabase open(DatabaseSettings database, String how, Path key, Path valueKey)
      throws IOException {
    LogSettings settings =
        LogSettings.defaults("obolus/test", Map.of("issuer", "https://issuer.test"));
    SecureRandom random = new SecureRandom();
    FileKeyEncryption encryption = new FileKeyEncryption(valueKey, random);
    return how.equals("root")
        ? AuditDatabase.open(
            database, settings, RootKey.read(key), encryption, random, Clock.systemUTC())
        : AuditDatabase.open(
            database, settings, Enrolment.read(key), encryption, random, Clock.systemUTC());
  }

  private static Mono<Receipt> call(AuditDatabase opened) {
    return Mono.defer(
            () -> {
              Decided permit = decided("allow");
              return opened
                  .log()
                  .append(permit)
                  .doOnNext(KilledWriter::tell)
                  .flatMap(receipt -> opened.log().append(served(permit, receipt)))
                  .doOnNext(KilledWriter::tell);
            })
        .retryWhen(reactor.util.retry.Retry.fixedDelay(Long.MAX_VALUE, Duration.ofMillis(20)));
  }

  private static synchronized void tell(Receipt receipt) {
    System.out.println(
        String.join(
            " ",
            List.of(receipt.chain().toString(), Long.toString(receipt.seq()), receipt.leaf())));
    System.out.flush();
  }
}
