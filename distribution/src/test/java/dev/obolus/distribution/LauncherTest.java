// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher, in a checkout of its own, with tools and JDKs that are told apart by what they say.
 */
class LauncherTest {
  private static final String SYSTEM = "/usr/bin:/bin";

  @TempDir Path root;
  private final Map<String, String> variables = new TreeMap<>();

  @BeforeEach
  void aCheckout() throws IOException {
    Files.createDirectories(root.resolve("tools"));
    Files.copy(Path.of("../obolus"), root.resolve("obolus"));
    Path scripts = Files.createDirectories(root.resolve("tools/launcher"));
    try (Stream<Path> files = Files.list(Path.of("../tools/launcher"))) {
      for (Path file : files.toList()) {
        Files.copy(file, scripts.resolve(file.getFileName()));
      }
    }
    variables.put("HOME", root.toString());
    variables.put("PATH", root.resolve("bin") + ":" + SYSTEM);
  }

  @Test
  void helpNamesTheCommands() throws Exception {
    Shell.Ended help = obolus("--help");
    assertThat(help.code()).isZero();
    assertThat(help.said()).contains("usage: ./obolus", "  demo ", "  audit verify ", "  tools ");
  }

  @Test
  void anUnknownCommandIsNamed() throws Exception {
    Shell.Ended refused = obolus("dmeo");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.said()).contains("no such command: dmeo");
  }

  @Test
  void aToolThatIsNamedIsTakenIfItIsNewEnough() throws Exception {
    variables.put("OBOLUS_OPA", opa("mine/opa", "Version: 1.30.2").toString());
    Shell.Ended tools = obolus("tools", "opa");
    assertThat(tools.code()).isZero();
    assertThat(tools.said()).contains("opa 1.30.2 at .tools/opa");
  }

  @Test
  void aToolThatIsNamedAndTooOldIsRefused() throws Exception {
    variables.put("OBOLUS_OPA", opa("mine/opa", "Version: 1.21.9").toString());
    Shell.Ended tools = obolus("tools", "opa");
    assertThat(tools.code()).isEqualTo(2);
    assertThat(tools.said())
        .contains("(OBOLUS_OPA) is version 1.21.9; opa must be 1.22.0 or newer");
    assertThat(root.resolve(".tools/opa")).doesNotExist();
  }

  @Test
  void aToolThatTellsNoVersionIsNotTakenForTheWantedOne() throws Exception {
    variables.put("OBOLUS_OPA", opa("mine/opa", "Rego Version: v1").toString());
    Shell.Ended tools = obolus("tools", "opa");
    assertThat(tools.code()).isEqualTo(2);
    assertThat(tools.said()).contains("is version unknown").doesNotContain("opa 1.22.0 at");
  }

  @Test
  void anOldToolThatWasLinkedBeforeIsReplaced() throws Exception {
    Path old = opa("old/opa", "Version: 1.9.0");
    Files.createDirectories(root.resolve(".tools"));
    Files.createSymbolicLink(root.resolve(".tools/opa"), old);
    Path fresh = opa("bin/opa", "Version: 1.22.0");

    Shell.Ended tools = obolus("tools", "opa");
    assertThat(tools.code()).isZero();
    assertThat(tools.said()).contains("opa 1.22.0 at .tools/opa");
    assertThat(root.resolve(".tools/opa").toRealPath()).isEqualTo(fresh.toRealPath());
  }

  @Test
  void withoutAJdkItSaysWhatToInstall() throws Exception {
    Shell.Ended refused = requireJdk(root.resolve("nowhere").toString());
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.said())
        .contains("obolus: no JDK 25 or newer here.", "Install one:")
        .doesNotContain("found only");
  }

  @Test
  void withAnOldJdkItSaysWhichItFound() throws Exception {
    Shell.Ended refused = requireJdk(jdk("21.0.4"));
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.said()).contains("no JDK 25 or newer here (found only: 21).");
  }

  @Test
  void aJdkThatIsNewEnoughIsFoundBehindAnOldOne() throws Exception {
    Shell.Ended found = requireJdk(jdk("17.0.1") + "\n" + jdk("26"));
    assertThat(found.said()).isEqualTo("JAVA_HOME=" + root.resolve("jdk-26") + "\n");
    assertThat(found.code()).isZero();
  }

  private Shell.Ended obolus(String... arguments) throws Exception {
    return Shell.run(
        root,
        variables,
        Stream.concat(Stream.of("bash", "obolus"), Stream.of(arguments)).toArray(String[]::new));
  }

  /** The launcher's own search, among these folders instead of this machine's. */
  private Shell.Ended requireJdk(String candidates) throws Exception {
    variables.put("CANDIDATES", candidates);
    return Shell.run(
        root,
        variables,
        "bash",
        "-euc",
        """
        say() { printf '%s\\n' "$*"; }
        . tools/launcher/jdk.sh
        jdk_candidates() { printf '%s\\n' "$CANDIDATES"; }
        require_jdk
        say "JAVA_HOME=$JAVA_HOME"
        """);
  }

  private String jdk(String version) throws IOException {
    Path home = root.resolve("jdk-" + version);
    program(home.resolve("bin/javac"), "exit 1");
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home.toString();
  }

  private Path opa(String path, String says) throws IOException {
    return program(root.resolve(path), "echo '" + says + "'");
  }

  private static Path program(Path file, String does) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + does + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
