// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.dispatch;

import dev.obolus.connector.Connector;
import dev.obolus.connector.Operation;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** The configured connectors and their operations, read once: what can be asked for at all. */
public final class ConnectorCatalogue {
  private final SequencedMap<String, Entry> entries = new LinkedHashMap<>();

  /**
   * @throws IllegalArgumentException where two connectors, two operations of one, or two arguments
   *     of one have the same name: that stops the start
   */
  public ConnectorCatalogue(Collection<? extends Connector> connectors) {
    for (Connector connector : connectors) {
      String id = connector.id().value();
      if (entries.put(id, new Entry(connector, operations(connector))) != null) {
        throw new IllegalArgumentException("two connectors are called " + id);
      }
    }
  }

  public Optional<Entry> find(String connector) {
    return Optional.ofNullable(entries.get(connector));
  }

  /** All of them, in the order of configuration. */
  public List<Entry> entries() {
    return List.copyOf(entries.sequencedValues());
  }

  private static SequencedMap<String, Operation> operations(Connector connector) {
    var operations = new LinkedHashMap<String, Operation>();
    for (Operation operation : connector.operations()) {
      requireDistinctArguments(connector, operation);
      if (operations.put(operation.name(), operation) != null) {
        throw new IllegalArgumentException(
            connector.id() + " has two operations called " + operation.name());
      }
    }
    return operations;
  }

  private static void requireDistinctArguments(Connector connector, Operation operation) {
    var names = new HashSet<String>();
    for (Operation.Argument argument : operation.arguments()) {
      if (!names.add(argument.name())) {
        throw new IllegalArgumentException(
            "%s/%s has two arguments called %s"
                .formatted(connector.id(), operation.name(), argument.name()));
      }
    }
  }

  /** One connector with its operations by name. */
  public static final class Entry {
    private final Connector connector;
    private final SequencedMap<String, Operation> operations;

    private Entry(Connector connector, SequencedMap<String, Operation> operations) {
      this.connector = connector;
      this.operations = operations;
    }

    public Connector connector() {
      return connector;
    }

    public Optional<Operation> find(String operation) {
      return Optional.ofNullable(operations.get(operation));
    }

    public List<Operation> operations() {
      return List.copyOf(operations.sequencedValues());
    }
  }
}
