// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.obolus.audit.Receipt;
import dev.obolus.migrations.DatabaseMigration;
import dev.obolus.sandbox.postgres.TestPostgres;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Asking for a prune; what is removed and what is not is told in the audit module. */
class PruneCommandTest {
  private static final String PLACE = "ab".repeat(16) + "/7";

  @TempDir Path folder;

  @Test
  void itAsksTheGatewayAndChangesNothingUnlessToldSo() throws Exception {
    assertThat(asked()).isEqualTo("{\"epoch\":202509}");
    assertThat(asked("--tenant=t", "--propose", "--reason=old"))
        .isEqualTo("{\"epoch\":202509,\"tenants\":[\"t\"],\"propose\":true,\"reason\":\"old\"}");
    assertThat(asked("--proposal=" + PLACE, "--reason=old", "--export=v", "--export-sha256=aa"))
        .isEqualTo(
            "{\"epoch\":202509,\"reason\":\"old\",\"proposal\":{\"chain\":\""
                + "ab".repeat(16)
                + "\",\"seq\":7},\"export\":{\"location\":\"v\",\"sha256\":\"aa\"}}");
  }

  @Test
  void withoutAGatewayOrARecordOrAKeyItIsUsedWrongly() {
    assertThat(run("--epoch=202509").exit()).isEqualTo(2);
    assertThat(run("--record=x").exit()).isEqualTo(2);
    Said said = run("--record=" + PLACE, "--remove");
    assertThat(said.exit()).isEqualTo(2);
    assertThat(said.err()).contains("nothing says that the record is genuine");
  }

  @Test
  void whatNoSealedRecordNamesIsNotRemoved() throws Exception {
    TestPostgres.Database database = TestPostgres.fresh();
    assertThat(
            DatabaseMigration.migrate(database.jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER))
        .isNotEmpty();
    Path password = Files.writeString(folder.resolve("owner.password"), TestPostgres.OWNER);
    Path key = Files.writeString(folder.resolve("root.key"), "ab".repeat(32));
    for (Path secret : new Path[] {password, key}) {
      Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    }
    Said said =
        run(
            "--record=" + PLACE,
            "--remove",
            "--key=" + key,
            "--url=" + database.jdbcUrl(),
            "--user=" + TestPostgres.OWNER,
            "--password-file=" + password);
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.out()).contains("Nothing was removed");
  }

  /** From the sealed record on: shown, removed, gone, listed. */
  @Test
  void whatASealedRecordNamesIsShownAndRemovedOnlyWhenToldSo() throws Exception {
    TestPostgres.Database database = TestPostgres.fresh();
    assertThat(
            DatabaseMigration.migrate(database.jdbcUrl(), TestPostgres.OWNER, TestPostgres.OWNER))
        .isNotEmpty();
    SmallLog log = new SmallLog(database, folder);
    Receipt record = log.writeAndSealAPrune();
    String[] options = {
      "--record=" + record.chain() + "/" + record.seq(),
      "--public-keys=" + log.publicKeys(),
      "--url=" + database.jdbcUrl(),
      "--user=" + TestPostgres.OWNER,
      "--password-file=" + log.secret("owner.password", TestPostgres.OWNER)
    };
    Said shown = run(options);
    assertThat(shown.exit()).as(shown.err()).isZero();
    assertThat(shown.out()).contains(": 3 records from 2 to 4", "Nothing was removed");

    String[] remove = java.util.Arrays.copyOf(options, options.length + 1);
    remove[options.length] = "--remove";
    assertThat(run(remove).out()).contains("3 records were removed.");
    assertThat(run(remove).out()).contains(", gone", "0 records were removed.");
    Said verified =
        run(
            "verify",
            "--public-keys=" + log.publicKeys(),
            "--url=" + database.jdbcUrl(),
            "--user=" + TestPostgres.OWNER,
            "--password-file=" + log.secret("owner.password", TestPostgres.OWNER));
    assertThat(verified.out())
        .startsWith("VERIFIED")
        .contains("3 records of " + SmallLog.epoch() + " were pruned, as record " + record.seq());
    Said one =
        run(
            "verify",
            "--record=" + log.old() + "/2",
            "--public-keys=" + log.publicKeys(),
            "--url=" + database.jdbcUrl(),
            "--user=" + TestPostgres.OWNER,
            "--password-file=" + log.secret("owner.password", TestPostgres.OWNER));
    assertThat(one.exit()).as(one.err()).isEqualTo(5);
    assertThat(one.out())
        .startsWith("PRUNED: the record is not there any more")
        .contains("that record " + record.seq() + " of chain " + record.chain() + " names")
        .containsPattern("proposed by p-[^ ,]+, agreed to by p-")
        .contains("the log signed a note of that prune")
        .doesNotContain("VERIFIED");
  }

  private String asked(String... options) throws Exception {
    AtomicReference<String> asked = new AtomicReference<>("");
    HttpServer gateway =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    gateway.createContext(
        "/operator/v1/audit/prune",
        exchange -> {
          asked.set(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          byte[] body = "{\"state\":\"planned\"}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    gateway.start();
    try {
      Path token = Files.writeString(folder.resolve("token"), "abc\n");
      String[] all = java.util.Arrays.copyOf(options, options.length + 3);
      all[options.length] = "--gateway=http://127.0.0.1:" + gateway.getAddress().getPort();
      all[options.length + 1] = "--token-file=" + token;
      all[options.length + 2] = "--epoch=202509";
      Said said = run(all);
      assertThat(said.exit()).isZero();
      assertThat(said.out()).contains("planned");
      return asked.get();
    } finally {
      gateway.stop(0);
    }
  }

  private static Said run(String... options) {
    List<String> command =
        options[0].equals("verify") ? List.of("audit") : List.of("audit", "prune");
    return Said.by(Stream.concat(command.stream(), Stream.of(options)).toArray(String[]::new));
  }
}
