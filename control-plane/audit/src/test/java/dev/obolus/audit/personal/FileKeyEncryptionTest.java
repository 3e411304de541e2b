// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.personal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.obolus.audit.personal.KeyEncryption.Wrapped;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileKeyEncryptionTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] SECRET = {1, 2, 3};
  private static final byte[] CONTEXT = {4};

  @TempDir Path folder;

  @Test
  void aVersionThatIsGoneUnwrapsNoMore() throws Exception {
    FileKeyEncryption file = FileKeyEncryption.create(folder.resolve("value.key"), RANDOM);
    Wrapped old = file.wrap(SECRET, CONTEXT);
    String newer = file.rotate();
    assertThat(file.unwrap(old, CONTEXT)).isEqualTo(SECRET);
    assertThat(file.wrapWith(old.version(), SECRET, CONTEXT).version()).isEqualTo(old.version());
    file.destroyAllBut(Set.of());
    assertThat(file.version()).isEqualTo(newer);
    assertThatThrownBy(() -> file.unwrap(old, CONTEXT)).hasMessageContaining("is gone");
    assertThatThrownBy(() -> file.wrapWith(old.version(), SECRET, CONTEXT))
        .hasMessageContaining("is gone");
  }

  /** Two gateways forget at once: the one must not take away what the other still wraps from. */
  @Test
  void aVersionThatIsInUseStays() throws Exception {
    FileKeyEncryption file = FileKeyEncryption.create(folder.resolve("value.key"), RANDOM);
    Wrapped oldest = file.wrap(SECRET, CONTEXT);
    String mine = file.rotate();
    Wrapped wrapped = file.wrap(SECRET, CONTEXT);
    String theirs = file.rotate();
    file.destroyAllBut(Set.of(mine));
    assertThat(file.version()).isEqualTo(theirs);
    assertThat(file.unwrap(wrapped, CONTEXT)).isEqualTo(SECRET);
    assertThatThrownBy(() -> file.unwrap(oldest, CONTEXT)).hasMessageContaining("is gone");
  }
}
