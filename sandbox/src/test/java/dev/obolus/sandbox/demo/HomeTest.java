// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {
  @TempDir Path folder;

  @Test
  void secretsAreForTheirOwnerOnlyAndStayWhatTheyAre() throws Exception {
    Home home = new Home(folder, folder.resolve("data"));
    home.prepare();
    String root = Files.readString(home.rootKey());
    home.prepare();
    assertThat(Files.readString(home.rootKey())).isEqualTo(root).hasSize(64);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.rootKey())))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.keys())))
        .isEqualTo("rwx------");
    assertThat(Files.readString(home.password(Home.OWNER)))
        .isNotEqualTo(Files.readString(home.password(Home.GATEWAY)));
  }

  @Test
  void aDatabaseWithoutItsKeysIsOneSentenceThatSaysHowToStartOver() throws Exception {
    Home home = new Home(folder, folder.resolve("data"));
    home.prepare();
    Files.createDirectories(home.cluster());
    Files.writeString(home.cluster().resolve("PG_VERSION"), "18\n");
    Files.delete(home.rootKey());
    assertThatThrownBy(home::prepare)
        .isInstanceOf(DemoFault.class)
        .hasMessageContaining("keys/root.key is missing")
        .hasMessageContaining("rm -rf " + home.data());
  }

  @Test
  void anEmptyKeyFileIsNoKey() throws Exception {
    Home home = new Home(folder, folder.resolve("data"));
    home.prepare();
    Files.createDirectories(home.cluster());
    Files.writeString(home.cluster().resolve("PG_VERSION"), "18\n");
    Files.writeString(home.password("postgres"), "");
    assertThatThrownBy(home::prepare).hasMessageContaining("keys/postgres.password is missing");
  }
}
