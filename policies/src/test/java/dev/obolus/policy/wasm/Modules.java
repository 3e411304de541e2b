// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import dev.obolus.policy.document.Catalogue;
import dev.obolus.policy.document.Facts;
import dev.obolus.policy.opa.Compilation;
import dev.obolus.policy.opa.Compilation.Compiled;
import dev.obolus.policy.opa.OpaProgram;
import dev.obolus.policy.opa.PolicyCompiler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Modules that say whatever a test wants, compiled by the real {@code opa}. */
final class Modules {
  private static final String CATALOGUE =
      new String(Vectors.bytes("catalogue.json"), StandardCharsets.UTF_8);

  private Modules() {}

  static OpaProgram opa() {
    return OpaProgram.find(System.getenv(), Path.of("..")).orElseThrow();
  }

  /** A router whose decision is this, in Rego, followed by further rules. */
  static CompiledPolicy deciding(Path folder, String decision) throws IOException {
    return deciding(folder, decision, "", Vectors.facts());
  }

  static CompiledPolicy deciding(Path folder, String decision, String rules, Facts facts)
      throws IOException {
    return router(
        folder,
        """
        package gateway

        decision := %s

        visible := {"v": 1, "resources": []}

        %s
        """
            .formatted(decision, rules),
        facts);
  }

  static CompiledPolicy router(Path folder, String router, Facts facts) throws IOException {
    Files.createDirectories(folder.resolve("gateway"));
    Files.writeString(folder.resolve("gateway/gateway.rego"), router);
    Compilation compilation = new PolicyCompiler(opa()).build(folder);
    if (compilation instanceof Compiled compiled) {
      return new CompiledPolicy(compiled.wasm(), facts, Catalogue.parse(CATALOGUE));
    }
    throw new AssertionError(compilation);
  }
}
