// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.policy.wasm;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportMemory;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.ValType;
import dev.obolus.policy.EngineFault;
import dev.obolus.policy.document.DecisionDocument;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One instance of a compiled policy with the facts pinned in its memory: OPA's ABI 1.3
 * ("WebAssembly" in OPA's documentation). For one thread at a time. After any fault it is thrown
 * away.
 */
final class PolicyInstance {
  private static final String DECISION = "gateway/decision";
  private static final String VISIBLE = "gateway/visible";
  private static final JsonMapper JSON = new JsonMapper();

  private final Memory memory;
  private final ExportFunction eval;
  private final int data;
  private final int base;
  private final int decision;
  private final int visible;

  private PolicyInstance(Memory memory, Instance instance, byte[] facts) throws UnloadablePolicy {
    this.memory = memory;
    this.eval = instance.export("opa_eval");
    Map<String, Integer> entrypoints = numbers(instance, "entrypoints");
    this.decision = require(entrypoints, DECISION);
    this.visible = require(entrypoints, VISIBLE);
    this.data = load(instance, facts);
    this.base = (int) instance.export("opa_heap_ptr_get").apply()[0];
  }

  static PolicyInstance load(
      WasmModule module,
      Function<Instance, Machine> machines,
      byte[] facts,
      int minPages,
      int maxPages)
      throws UnloadablePolicy {
    if (minPages > maxPages) {
      throw new UnloadablePolicy("the module wants more memory than it may have");
    }
    Memory memory = new ByteArrayMemory(new MemoryLimits(minPages, maxPages));
    Instance instance =
        Instance.builder(module)
            .withImportValues(imports(memory))
            .withMachineFactory(machines)
            .build();
    requireAbi(instance);
    Map<String, Integer> builtIns = numbers(instance, "builtins", memory);
    if (!builtIns.isEmpty()) {
      throw new UnloadablePolicy(
          "the module wants built-ins not offered here: " + builtIns.keySet());
    }
    return new PolicyInstance(memory, instance, facts);
  }

  String decide(byte[] input) {
    return evaluate(decision, input);
  }

  String visible(byte[] input) {
    return evaluate(visible, input);
  }

  private String evaluate(int entrypoint, byte[] input) {
    int end = Math.addExact(base, input.length);
    provide(memory, end);
    memory.write(base, input);
    long address = eval.apply(0, entrypoint, data, base, input.length, end, 0)[0];
    return text(memory, (int) address, DecisionDocument.MAX_BYTES);
  }

  private static int load(Instance instance, byte[] facts) throws UnloadablePolicy {
    int address = (int) instance.export("opa_malloc").apply(facts.length)[0];
    instance.imports().memory(0).memory().write(address, facts);
    int value = (int) instance.export("opa_json_parse").apply(address, facts.length)[0];
    if (value == 0) {
      throw new UnloadablePolicy("the facts could not be loaded");
    }
    return value;
  }

  private static void requireAbi(Instance instance) throws UnloadablePolicy {
    long major = instance.exports().global("opa_wasm_abi_version").getValue();
    long minor = instance.exports().global("opa_wasm_abi_minor_version").getValue();
    if (major != 1 || minor < 2) {
      throw new UnloadablePolicy("the module speaks ABI " + major + "." + minor + ", not 1.3");
    }
  }

  private static int require(Map<String, Integer> entrypoints, String name)
      throws UnloadablePolicy {
    Integer number = entrypoints.get(name);
    if (number == null) {
      throw new UnloadablePolicy("the module has no entry point " + name);
    }
    return number;
  }

  private Map<String, Integer> numbers(Instance instance, String export) {
    return numbers(instance, export, memory);
  }

  private static Map<String, Integer> numbers(Instance instance, String export, Memory memory) {
    long value = instance.export(export).apply()[0];
    long json = instance.export("opa_json_dump").apply(value)[0];
    Map<String, Integer> numbers = new HashMap<>();
    for (Map.Entry<String, JsonNode> each :
        JSON.readTree(text(memory, (int) json, DecisionDocument.MAX_BYTES)).properties()) {
      numbers.put(each.getKey(), each.getValue().intValue());
    }
    return numbers;
  }

  private static void provide(Memory memory, int end) {
    int missing = Math.ceilDiv(end, Memory.PAGE_SIZE) - memory.pages();
    if (missing > 0 && memory.grow(missing) < 0) {
      throw new EvaluationFault(EngineFault.OUT_OF_MEMORY, "the input does not fit");
    }
  }

  private static String text(Memory memory, int address, int most) {
    int end = address;
    while (memory.read(end) != 0) {
      if (end - address >= most) {
        throw new EvaluationFault(EngineFault.UNFIT_RESULT, "the result is too large");
      }
      end++;
    }
    return new String(memory.readBytes(address, end - address), StandardCharsets.UTF_8);
  }

  private static ImportValues imports(Memory memory) {
    ImportValues.Builder imports =
        ImportValues.builder()
            .addMemory(new ImportMemory("env", "memory", memory))
            .addFunction(
                new HostFunction(
                    "env",
                    "opa_abort",
                    FunctionType.of(List.of(ValType.I32), List.of()),
                    (_, args) -> {
                      throw aborted(memory, (int) args[0]);
                    }))
            .addFunction(
                new HostFunction(
                    "env",
                    "opa_println",
                    FunctionType.of(List.of(ValType.I32), List.of()),
                    (_, _) -> new long[0]));
    for (int arity = 0; arity <= 4; arity++) {
      imports.addFunction(noBuiltIn(arity));
    }
    return imports.build();
  }

  private static HostFunction noBuiltIn(int arity) {
    return new HostFunction(
        "env",
        "opa_builtin" + arity,
        FunctionType.of(Collections.nCopies(arity + 2, ValType.I32), List.of(ValType.I32)),
        (_, _) -> {
          throw new EvaluationFault(EngineFault.ABORTED, "a built-in that is not offered");
        });
  }

  private static EvaluationFault aborted(Memory memory, int address) {
    String message = text(memory, address, 1024);
    return new EvaluationFault(
        message.contains("opa_malloc: failed") ? EngineFault.OUT_OF_MEMORY : EngineFault.ABORTED,
        message);
  }
}
