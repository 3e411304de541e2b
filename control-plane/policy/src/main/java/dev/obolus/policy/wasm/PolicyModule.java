// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryImport;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * A module parsed and compiled to JVM bytecode, once for all instances of its revision. What the
 * compiler cannot compile fails the load; nothing is ever interpreted.
 */
final class PolicyModule {
  private static final int MAX_PAGES = 1024; // 64 MiB an instance
  private final WasmModule module;
  private final Function<Instance, Machine> machines;
  private final byte[] data;
  private final int minPages;
  private final int maxPages;

  private PolicyModule(
      WasmModule module, Function<Instance, Machine> machines, byte[] data, int maxPages) {
    this.module = module;
    this.machines = machines;
    this.data = data;
    this.minPages = importedPages(module);
    this.maxPages = maxPages;
  }

  static PolicyModule compile(CompiledPolicy policy) throws UnloadablePolicy {
    return compile(policy, MAX_PAGES);
  }

  static PolicyModule compile(CompiledPolicy policy, int maxPages) throws UnloadablePolicy {
    try {
      WasmModule module = Parser.parse(policy.wasm());
      Function<Instance, Machine> machines =
          MachineFactoryCompiler.builder(module)
              .withInterpreterFallback(InterpreterFallback.FAIL)
              .compile();
      return new PolicyModule(
          module, machines, policy.facts().data().getBytes(StandardCharsets.UTF_8), maxPages);
    } catch (ChicoryException e) {
      throw new UnloadablePolicy("not a module that can be compiled", e);
    }
  }

  /** A fresh instance with the facts loaded. */
  PolicyInstance instantiate() throws UnloadablePolicy {
    try {
      return PolicyInstance.load(module, machines, data, minPages, maxPages);
    } catch (ChicoryException | EvaluationFault e) {
      throw new UnloadablePolicy("the module does not start: " + e.getMessage(), e);
    }
  }

  private static int importedPages(WasmModule module) {
    return module.importSection().stream()
        .filter(MemoryImport.class::isInstance)
        .map(MemoryImport.class::cast)
        .mapToInt(imported -> imported.limits().initialPages())
        .max()
        .orElse(2);
  }
}
