// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.readiness;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.ConfigTreePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

/**
 * The settings as they came: which names were given, and what they amount to.
 *
 * @param obolus every setting of ours, its path without {@code obolus.}, as text
 * @param inlineSecrets names of settings that hold a secret itself, not the file it is in
 * @param privateKeyFiles places of the listener's and peers' private keys, by the settings that
 *     name them
 * @param tlsProtocols of every listener, bundle and the JVM's own clients, where they are set
 */
record Settings(
    Map<String, String> obolus,
    Set<String> inlineSecrets,
    Map<String, String> privateKeyFiles,
    Map<String, String> tlsProtocols) {
  private static final String FILE = "file:";
  private static final Pattern SECRET =
      Pattern.compile(
          "(password|secret|rootkey|enrolmentkey|privatekey|accesskey|apikey|accesstoken|passphrase)");
  private static final Pattern OURS =
      Pattern.compile("(obolus|serverssl|springssl|springr2dbc|springdatasource).*");

  private static final Pattern TLS_PROTOCOLS =
      Pattern.compile(
          "(serverssl|springssl|managementserverssl).*protocols?[0-9]*|jdktls(client|server)protocols|httpsprotocols");

  static Settings of(ConfigurableEnvironment environment) {
    Map<String, String> flat = new LinkedHashMap<>();
    Binder.get(environment)
        .bind("obolus", Bindable.mapOf(String.class, Object.class))
        .ifBound(map -> flatten("", map, flat));
    return new Settings(
        flat, inlineSecrets(environment), privateKeyFiles(environment), tlsProtocols(environment));
  }

  private static void flatten(String path, Map<?, ?> map, Map<String, String> flat) {
    map.forEach((name, value) -> {
      String full = path.isEmpty() ? name.toString() : path + "." + name;
      if (value instanceof Map<?, ?> inner) {
        flatten(full, inner, flat);
      } else if (value != null) {
        flat.put(full.toLowerCase(Locale.ROOT), value.toString());
      }
    });
  }

  private static Set<String> inlineSecrets(ConfigurableEnvironment environment) {
    Set<String> found = new TreeSet<>();
    each(
        environment,
        (name, value) -> {
          if (holdsSecret(name) && !value.isBlank() && !namesPrivateKeyFile(name, value)) {
            found.add(name);
          }
        });
    return found;
  }

  private static Map<String, String> privateKeyFiles(ConfigurableEnvironment environment) {
    Map<String, String> found = new TreeMap<>();
    each(
        environment,
        (name, value) -> {
          if (holdsSecret(name) && namesPrivateKeyFile(name, value)) {
            found.put(name, value.substring(FILE.length()));
          }
        });
    return found;
  }

  /** Spring takes a private key's text and a file's place in one setting. */
  private static boolean namesPrivateKeyFile(String name, String value) {
    return plain(name).matches("(server|spring)ssl.*privatekey") && value.startsWith(FILE);
  }

  private static Map<String, String> tlsProtocols(ConfigurableEnvironment environment) {
    Map<String, String> found = new TreeMap<>();
    each(
        environment,
        (name, value) -> {
          if (TLS_PROTOCOLS.matcher(plain(name)).matches()) {
            found.put(name, value);
          }
        });
    return found;
  }

  private static void each(
      ConfigurableEnvironment environment, BiConsumer<String, String> setting) {
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (source instanceof EnumerablePropertySource<?> names
          && !(source instanceof ConfigTreePropertySource)) {
        for (String name : names.getPropertyNames()) {
          setting.accept(name, String.valueOf(source.getProperty(name)));
        }
      }
    }
  }

  /** By its name, in whatever spelling: a secret, and not the file that a secret is in. */
  private static boolean holdsSecret(String name) {
    String plain = plain(name);
    return OURS.matcher(plain).matches() && SECRET.matcher(plain).find() && !plain.endsWith("file");
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }
}
