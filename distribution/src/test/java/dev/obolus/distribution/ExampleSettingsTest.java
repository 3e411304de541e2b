// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.gateway.readiness.SettingsCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;

/** Whoever fills in the example's capitals gets a gateway that starts. */
class ExampleSettingsTest {
  private static final Path EXAMPLE = Path.of("compose/example/gateway.yaml");
  private static final Pattern YOURS = Pattern.compile("\\b[A-Z]+(-[A-Z]+)+\\b");
  private static final Pattern NAMED = Pattern.compile("(-file: |private-key: file:)(/\\S+)");

  @TempDir Path mounts;

  @Test
  void theExampleFilledInHasNoFault() throws IOException {
    assertThat(faultsOf(filledIn())).isEmpty();
  }

  @Test
  void theCheckLooksAtTheExample() throws IOException {
    assertThat(faultsOf(filledIn().replace("ssl:", "tls:")))
        .singleElement()
        .asString()
        .contains("server.ssl is not set");
  }

  /** Each name in capitals a GUID of its own; each file that is named is there. */
  private String filledIn() throws IOException {
    String filled = YOURS.matcher(Files.readString(EXAMPLE)).replaceAll(ExampleSettingsTest::guid);
    for (MatchResult file : NAMED.matcher(filled).results().toList()) {
      Path here = mounts.resolve(file.group(2).substring(1));
      Files.createDirectories(here.getParent());
      Files.createFile(
          here, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    return NAMED.matcher(filled).replaceAll("$1" + mounts + "$2");
  }

  private static String guid(MatchResult name) {
    return UUID.nameUUIDFromBytes(name.group().getBytes(StandardCharsets.UTF_8)).toString();
  }

  private static List<String> faultsOf(String settings) throws IOException {
    StandardEnvironment environment = new StandardEnvironment();
    new YamlPropertySourceLoader()
        .load(
            "example", new ByteArrayResource(settings.getBytes(StandardCharsets.UTF_8), "example"))
        .forEach(environment.getPropertySources()::addFirst);
    return SettingsCheck.faultsOf(environment);
  }
}
