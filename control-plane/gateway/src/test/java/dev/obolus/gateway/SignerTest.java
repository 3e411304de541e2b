// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** What the signer's first record says of its keys and of whom it issues keys to. */
class SignerTest {
  private final SecureRandom random = new SecureRandom();
  @TempDir Path folder;
  private Keyring keys;
  private Path enrolments;

  @BeforeEach
  void aSigner() throws Exception {
    keys = Keyring.of(RootKey.create(folder.resolve("root.key"), random));
    enrolments = Files.createDirectory(folder.resolve("enrolments"));
  }

  @Test
  void changedCheckpointKeyShowsInTheFirstRecord() throws Exception {
    SigningKey old = key("old.key", "obolus/test");
    SigningKey fresh = key("new.key", "obolus/test");
    Path before = lines("old.pub", old.logKeys());
    assertThat(opened(Map.of("checkpoint-key-file", folder.resolve("old.key"))))
        .containsEntry("checkpoint_key", ids(old))
        .containsEntry("earlier_checkpoint_keys", "");
    assertThat(
            opened(
                Map.of(
                    "checkpoint-key-file",
                    folder.resolve("new.key"),
                    "previous-public-keys-file",
                    before)))
        .containsEntry("checkpoint_key", ids(fresh))
        .containsEntry("earlier_checkpoint_keys", ids(old))
        .containsEntry("root_key", keys.root().id());
    assertThat(ids(fresh)).isNotEqualTo(ids(old));
  }

  @Test
  void whoGetsCheckpointsShowsInTheFirstRecord() throws Exception {
    SigningKey _ = key("log.key", "obolus/test");
    Path witness = lines("w.pub", key("w.key", "witness.test/one").witnessKeys());
    assertThat(opened(Map.of("checkpoint-key-file", folder.resolve("log.key"))))
        .containsEntry("witnesses", "")
        .containsEntry("checkpoint_copies", "");
    assertThat(
            opened(
                Map.of(
                    "checkpoint-key-file",
                    folder.resolve("log.key"),
                    "checkpoint-copies",
                    folder.resolve("copies"),
                    "timestamp-url",
                    "https://stamps.test",
                    "timestamp-certificate-file",
                    folder.resolve("stamps.pem"),
                    "witnesses[0].url",
                    "https://witness.test",
                    "witnesses[0].public-keys-file",
                    witness)))
        .containsEntry("witnesses", "witness.test/one")
        .containsEntry("checkpoint_copies", "directory timestamps");
  }

  @Test
  void expelledGatewayIsMissingFromTheNextFirstRecord() throws Exception {
    SigningKey _ = key("log.key", "obolus/test");
    Map<String, Object> settings = Map.of("checkpoint-key-file", folder.resolve("log.key"));
    Path one = Files.writeString(enrolments.resolve("gateway-1.key"), "");
    Path two = Files.writeString(enrolments.resolve("gateway-2.key"), "");
    assertThat(one).exists();
    assertThat(opened(settings)).containsEntry("enrolled", "gateway-1 gateway-2");
    Files.delete(two);
    assertThat(opened(settings)).containsEntry("enrolled", "gateway-1");
  }

  @Test
  void whoDoesNotSignSaysNothingOfIt() throws Exception {
    assertThat(IntegratorConfiguration.opened(audit(Map.of()))).isEmpty();
  }

  private Map<String, String> opened(Map<String, Object> settings) throws IOException {
    GatewaySettings gateway =
        new Binder(new MapConfigurationPropertySource(Map.of("obolus.environment", "test")))
            .bindOrCreate("obolus", GatewaySettings.class);
    return Signer.Beans.opened(audit(settings), gateway, enrolments, keys);
  }

  private static AuditSettings audit(Map<String, Object> settings) {
    Map<String, Object> named = new HashMap<>();
    settings.forEach((name, value) -> named.put("obolus.audit." + name, value.toString()));
    return new Binder(new MapConfigurationPropertySource(named))
        .bindOrCreate("obolus.audit", AuditSettings.class);
  }

  private SigningKey key(String file, String name) throws IOException {
    return SigningKey.create(folder.resolve(file), name, random);
  }

  private Path lines(String file, List<NoteKey> keys) throws IOException {
    return Files.write(folder.resolve(file), keys.stream().map(NoteKey::toString).toList());
  }

  private static String ids(SigningKey key) {
    return key.logKeys().stream()
        .map(one -> one.toString().split("\\+", 3)[1])
        .collect(Collectors.joining(" "));
  }
}
