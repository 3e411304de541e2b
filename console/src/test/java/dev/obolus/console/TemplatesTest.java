// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.console.web.Page;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A walk over the templates: nothing in them that the content security policy forbids. */
class TemplatesTest {
  private static final Path RESOURCES = Path.of("src/main/resources");

  private static List<Path> files(String folder, String suffix) {
    try (Stream<Path> files = Files.walk(RESOURCES.resolve(folder))) {
      var found = files.filter(f -> f.toString().endsWith(suffix)).toList();
      assertThat(found).isNotEmpty();
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void none(List<Path> files, String pattern) {
    assertThat(files)
        .as("none has %s", pattern)
        .noneMatch(f -> Pattern.compile(pattern, Pattern.CASE_INSENSITIVE).matcher(text(f)).find());
  }

  @Test
  void noTemplateHasInlineScriptStyleOrHandlers() {
    var templates = files("templates", ".html");
    none(templates, "\\sstyle\\s*=");
    none(templates, "<style");
    none(templates, "\\son[a-z]+\\s*=");
    none(templates, "javascript:");
    none(templates, "<script(?![^>]*nonce)");
    none(templates, "th:utext|\\[\\(");
    none(templates, "(src|href)=\"https?:");
  }

  @Test
  void everyFormThatChangesSomethingCarriesItsToken() {
    for (var template : files("templates", ".html")) {
      var forms = Pattern.compile("<form[^>]*method=\"post\"[^>]*>(.*?)</form>", Pattern.DOTALL);
      forms
          .matcher(text(template))
          .results()
          .forEach(form -> assertThat(form.group(1)).contains("name=\"_csrf\""));
    }
  }

  @Test
  void noScriptMakesCodeOrMarkupFromText() {
    var scripts = files("assets", ".js");
    none(scripts, "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|DOMParser");
    none(scripts, "\\beval\\b|new Function");
    assertThat(scripts).allMatch(f -> text(f).lines().count() <= 250);
  }

  @Test
  void everyPageTemplateIsRehearsedAtStart() {
    var fragments = List.of("layout", "marks", "row");
    var pages =
        files("templates", ".html").stream()
            .map(f -> f.getFileName().toString().replace(".html", ""))
            .filter(name -> !fragments.contains(name));
    assertThat(Rehearsal.pages()).extracting(Page::template).containsAll(pages.toList());
  }
}
