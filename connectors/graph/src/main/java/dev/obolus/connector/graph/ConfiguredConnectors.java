// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.graph;

import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorId;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.BeanRegistrar;
import org.springframework.beans.factory.BeanRegistry;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** Registers one {@link Connector} bean for each configured id, named {@code connector.<id>}. */
final class ConfiguredConnectors implements BeanRegistrar {
  private static final String PREFIX = "obolus.connectors";

  @Override
  public void register(BeanRegistry registry, Environment environment) {
    Binder binder = Binder.get(environment);
    binder
        .bind(PREFIX, Bindable.mapOf(String.class, Object.class))
        .orElse(Map.of())
        .keySet()
        .stream()
        .filter(id -> "graph".equals(environment.getProperty(PREFIX + "." + id + ".type")))
        .forEach(id ->
            registry.registerBean(
                "connector." + id,
                Connector.class,
                bean -> bean.supplier(_ -> connector(id, binder))));
  }

  private static Connector connector(String id, Binder binder) {
    String prefix = PREFIX + "." + id;
    try {
      URI authority =
          binder
              .bind("obolus.identity.authority", URI.class)
              .orElseGet(() -> URI.create("https://login.microsoftonline.com"));
      List<String> plainHosts =
          binder.bind("obolus.http-allowed-hosts", Bindable.listOf(String.class)).orElse(List.of());
      GraphProperties properties = binder.bindOrCreate(prefix, Bindable.of(GraphProperties.class));
      return GraphConnector.of(new ConnectorId(id), properties, authority, plainHosts);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(prefix + ": " + e.getMessage(), e);
    }
  }
}
