// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.opa;

import dev.obolus.policy.document.Facts;
import dev.obolus.policy.document.UnfitFacts;
import dev.obolus.policy.opa.Compilation.Compiled;
import dev.obolus.policy.opa.Compilation.Rejected;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the build of the policies module runs: {@code root sources output [quick]}. Checks, formats,
 * tests with every line reached, lints, compiles; writes module, catalogue, schemas and golden
 * vectors. Quick only compiles.
 */
public final class PolicyBuild {
  private PolicyBuild() {}

  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]);
    Path sources = Path.of(args[1]);
    Path output = Path.of(args[2]);
    boolean quick = args.length > 3 && args[3].equals("quick");
    PolicyCompiler compiler = new PolicyCompiler(opa(root, quick));
    List<Finding> findings = quick ? List.of() : inspect(root, sources, compiler);
    if (!findings.isEmpty()) {
      throw failed(findings);
    }
    switch (compiler.build(sources)) {
      case Compiled compiled -> write(sources, output, compiled);
      case Rejected rejected -> throw failed(rejected.findings());
    }
  }

  private static List<Finding> inspect(Path root, Path sources, PolicyCompiler compiler)
      throws IOException {
    List<Finding> findings = new ArrayList<>(compiler.check(sources));
    findings.addAll(compiler.format(sources));
    findings.addAll(facts(sources.resolve("facts")));
    if (findings.isEmpty()) {
      findings.addAll(compiler.test(sources));
    }
    if (findings.isEmpty()) {
      findings.addAll(compiler.uncovered(sources));
      findings.addAll(lint(root, sources));
    }
    return findings;
  }

  private static List<Finding> facts(Path folder) {
    try {
      var _ = Facts.read(folder);
      return List.of();
    } catch (UnfitFacts e) {
      return List.of(new Finding("facts", e.file(), e.line(), e.column(), "" + e.getMessage()));
    }
  }

  private static List<Finding> lint(Path root, Path sources) throws IOException {
    Path regal = root.resolve(".tools/regal");
    List<String> command = new ArrayList<>(List.of("lint", "--format", "compact"));
    command.addAll(PolicyCompiler.roots(sources));
    OpaProgram.Run run = OpaProgram.run(regal, sources, command);
    return run.succeeded()
        ? List.of()
        : List.of(new Finding("regal", "policies", 0, 0, (run.out() + run.err()).strip()));
  }

  private static OpaProgram opa(Path root, boolean quick) throws IOException {
    Map<String, String> environment = System.getenv();
    boolean linting = !quick && !Files.isExecutable(root.resolve(".tools/regal"));
    if (linting || OpaProgram.find(environment, root).isEmpty()) {
      List<String> wanted = quick ? List.of("tools", "opa") : List.of("tools");
      OpaProgram.Run tools = OpaProgram.run(root.resolve("obolus"), root, wanted);
      if (!tools.succeeded()) {
        throw new IOException("./obolus tools fails: " + tools.err());
      }
    }
    return OpaProgram.find(environment, root)
        .orElseThrow(() -> new IOException("no opa of 1.22.0 or newer; run ./obolus tools"));
  }

  private static void write(Path sources, Path output, Compiled compiled) throws IOException {
    Files.createDirectories(output.resolve("vectors"));
    Files.write(output.resolve("policy.wasm"), compiled.wasm());
    Files.writeString(
        output.resolve("catalogue.json"), compiled.catalogue().json(), StandardCharsets.UTF_8);
    copy(sources.resolve("schemas"), output);
    copy(sources.resolve("fixtures"), output.resolve("vectors"));
  }

  private static void copy(Path folder, Path target) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".json")).toList()) {
        Files.write(target.resolve(file.getFileName()), Files.readAllBytes(file));
      }
    }
  }

  private static IOException failed(List<Finding> findings) {
    StringBuilder message = new StringBuilder("the policies do not pass:");
    findings.forEach(finding -> message.append("\n  policies/").append(finding));
    return new IOException(message.toString());
  }
}
