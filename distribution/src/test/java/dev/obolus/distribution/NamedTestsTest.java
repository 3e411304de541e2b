// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A document that names a test for a promise names one that exists. */
class NamedTestsTest {
  private static final Path ROOT = Path.of("..");

  /** A class, a class and its method, or a further method of the class named before. */
  private static final Pattern NAMED =
      Pattern.compile(
          "`(?:([A-Z]\\w*(?:Test|Conformance|Contract))(?:\\.(\\w+))?|…(\\w+)|(\\w+_test\\.rego))`");

  private static final Map<String, String> SOURCES = sources();

  static Stream<Path> documents() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      return files.filter(file -> file.toString().endsWith(".md")).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyTestThatADocumentNamesExists(Path document) throws IOException {
    Matcher named = NAMED.matcher(Files.readString(document));
    String type = "";
    while (named.find()) {
      if (named.group(4) != null) {
        assertThat(SOURCES).as(named.group()).containsKey(named.group(4));
        continue;
      }
      type = named.group(1) == null ? type : named.group(1);
      String method = named.group(1) == null ? named.group(3) : named.group(2);
      assertThat(SOURCES).as(named.group()).containsKey(type + ".java");
      if (method != null) {
        assertThat(SOURCES.get(type + ".java"))
            .as(named.group())
            .containsPattern("(void|Stream<DynamicTest>) " + method + "\\(");
      }
    }
  }

  @Test
  void theThreatModelNamesManyTests() throws IOException {
    String model = Files.readString(ROOT.resolve("docs/threat-model.md"));
    assertThat(NAMED.matcher(model).results().count()).isGreaterThan(40);
  }

  /** Every Java and Rego source of the repository, by its file's name. */
  private static Map<String, String> sources() {
    try (Stream<Path> files = Files.walk(ROOT, 16)) {
      Map<String, String> sources = new TreeMap<>();
      for (Path file :
          files
              .filter(f ->
                  f.toString().matches(".*(/src/(main|test)/java/.*\\.java|/policies/.*\\.rego)"))
              .toList()) {
        sources.merge(file.getFileName().toString(), Files.readString(file), String::concat);
      }
      return sources;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
