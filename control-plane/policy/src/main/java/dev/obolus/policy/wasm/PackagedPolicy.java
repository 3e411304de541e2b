// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import dev.obolus.policy.document.Catalogue;
import dev.obolus.policy.document.Facts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The policy that was checked, tested and compiled when this product was built. */
public final class PackagedPolicy {
  /** Where the policies jar has it. */
  public static final String FOLDER = "/dev/obolus/policies/";

  private PackagedPolicy() {}

  /**
   * @param facts {@link Facts#none} refuses everything
   * @throws UnloadablePolicy where the jar is not on the class path
   */
  public static CompiledPolicy with(Facts facts) throws UnloadablePolicy {
    return new CompiledPolicy(
        read("policy.wasm"),
        facts,
        Catalogue.parse(new String(read("catalogue.json"), StandardCharsets.UTF_8)));
  }

  private static byte[] read(String name) throws UnloadablePolicy {
    try (InputStream in = PackagedPolicy.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new UnloadablePolicy("no compiled policy on the class path: " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UnloadablePolicy("the compiled policy cannot be read: " + name, e);
    }
  }
}
