// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Reads every module's pom and compares its main-scope dependencies on our own modules. */
class ModuleArrowsTest {

  /** DESIGN §2, as data. A module that is not here may not exist. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.ofEntries(
          Map.entry("obolus-terms", Set.of()),
          Map.entry("obolus-audit", Set.of()),
          Map.entry("obolus-audit-testing", Set.of("obolus-audit")),
          // implements the log's port for key-encryption keys
          Map.entry("obolus-azure", Set.of("obolus-audit")),
          // its build runs the policy room's own gates; nothing of it is needed at run time
          Map.entry("obolus-policies", Set.of("obolus-policy", "obolus-terms")),
          Map.entry("obolus-migrations", Set.of()),
          Map.entry("obolus-sandbox", Set.of()),
          Map.entry("obolus-policy", Set.of("obolus-terms")),
          Map.entry("obolus-connector-spi", Set.of("obolus-terms")),
          Map.entry("obolus-connector-obo", Set.of("obolus-terms", "obolus-connector-spi")),
          Map.entry("obolus-connector-sql", Set.of("obolus-terms", "obolus-connector-spi")),
          Map.entry(
              "obolus-connector-databricks",
              Set.of(
                  "obolus-terms",
                  "obolus-connector-spi",
                  "obolus-connector-obo",
                  "obolus-connector-sql")),
          Map.entry(
              "obolus-connector-graph",
              Set.of("obolus-terms", "obolus-connector-spi", "obolus-connector-obo")),
          Map.entry(
              "obolus-connector-conformance",
              Set.of("obolus-terms", "obolus-connector-spi", "obolus-connector-obo")),
          Map.entry(
              "obolus-gateway",
              Set.of(
                  "obolus-terms",
                  "obolus-audit",
                  "obolus-azure",
                  "obolus-policy",
                  "obolus-policies",
                  "obolus-connector-spi")),
          Map.entry("obolus-console", Set.of("obolus-audit")),
          Map.entry(
              "obolus-cli",
              Set.of(
                  "obolus-terms",
                  "obolus-audit",
                  "obolus-azure",
                  "obolus-policy",
                  "obolus-migrations")),
          Map.entry(
              "obolus-distribution",
              Set.of(
                  "obolus-gateway",
                  "obolus-connector-obo",
                  "obolus-connector-databricks",
                  "obolus-connector-graph")));

  /** Modules that may depend on anything. */
  private static final Set<String> FREE = Set.of("obolus-e2e", "obolus-bench");

  @Test
  void everyModuleDependsOnlyOnWhatTheDesignAllows() throws Exception {
    List<String> broken = new ArrayList<>();
    for (Path pom : modulePoms()) {
      Element project = parse(pom);
      String module = child(project, "artifactId");
      if (FREE.contains(module)) {
        continue;
      }
      Set<String> extra = new TreeSet<>(mainScopeModules(project));
      extra.removeAll(ALLOWED.getOrDefault(module, Set.of()));
      if (!ALLOWED.containsKey(module)) {
        broken.add(module + " is not on the map");
      } else if (!extra.isEmpty()) {
        broken.add(module + " → " + extra);
      }
    }
    assertThat(broken).isEmpty();
  }

  private static List<Path> modulePoms() throws Exception {
    List<Path> poms = new ArrayList<>();
    NodeList modules = parse(root().resolve("pom.xml")).getElementsByTagName("module");
    for (int i = 0; i < modules.getLength(); i++) {
      poms.add(root().resolve(modules.item(i).getTextContent()).resolve("pom.xml"));
    }
    assertThat(poms).hasSizeGreaterThan(15);
    return poms;
  }

  private static Set<String> mainScopeModules(Element project) {
    Set<String> found = new TreeSet<>();
    NodeList dependencies = project.getElementsByTagName("dependency");
    for (int i = 0; i < dependencies.getLength(); i++) {
      Element dependency = (Element) dependencies.item(i);
      if (child(dependency, "groupId").equals("dev.obolus")
          && !child(dependency, "scope").equals("test")) {
        found.add(child(dependency, "artifactId"));
      }
    }
    return found;
  }

  private static String child(Element parent, String name) {
    NodeList children = parent.getChildNodes();
    for (int i = 0; i < children.getLength(); i++) {
      if (children.item(i) instanceof Element element && element.getTagName().equals(name)) {
        return element.getTextContent().strip();
      }
    }
    return "";
  }

  private static Element parse(Path pom) throws Exception {
    return builder().newDocumentBuilder().parse(pom.toFile()).getDocumentElement();
  }

  private static DocumentBuilderFactory builder() throws ParserConfigurationException {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    return factory;
  }

  private static Path root() {
    Path here = new File("").getAbsoluteFile().toPath();
    return Files.exists(here.resolve("control-plane"))
        ? here
        : Objects.requireNonNull(here.getParent());
  }
}
