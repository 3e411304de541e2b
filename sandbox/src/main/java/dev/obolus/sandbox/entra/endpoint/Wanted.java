// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.EntraError;
import dev.obolus.sandbox.entra.EntraError.Refused;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a scope parameter asks for: one API, and what a sign-in may add.
 *
 * @param asked how it named the API
 * @param names of the scopes; empty where only a sign-in was asked for
 * @param echo the scope of the answer
 */
record Wanted(
    App resource, String asked, Set<String> names, String echo, boolean openid, boolean offline) {
  private static final Set<String> SIGN_IN = Set.of("openid", "profile", "email", "offline_access");

  private record Part(String resource, String name) {
    /** A name alone is Graph's. */
    static Part of(String scope) {
      int end = scope.lastIndexOf('/');
      return end < 0
          ? new Part(Directory.GRAPH, scope)
          : new Part(scope.substring(0, end), scope.substring(end + 1));
    }
  }

  static Wanted read(String scope) throws Refused {
    List<String> words =
        Arrays.stream(scope.strip().split("\\s+", -1)).filter(word -> !word.isEmpty()).toList();
    List<Part> parts =
        words.stream().filter(word -> !SIGN_IN.contains(word)).map(Part::of).toList();
    Set<String> resources = new TreeSet<>();
    parts.forEach(part -> resources.add(named(part.resource())));
    if (resources.size() > 1) {
      throw EntraError.of(
              "invalid_scope",
              28000,
              "Provided value for the input parameter scope is not valid because it contains more than one resource.")
          .refused();
    }
    String asked = parts.isEmpty() ? Directory.GRAPH : parts.getFirst().resource();
    App resource = Directory.api(asked).orElseThrow(Wanted::unknown);
    Set<String> names = parts.stream().map(Part::name).collect(Collectors.toSet());
    if (!names.stream().allMatch(resource::exposes)) {
      throw EntraError.of("invalid_scope", 70011, "The provided value for scope is not valid.")
          .refused();
    }
    String echo =
        words.stream()
            .filter(word -> !word.equals("offline_access"))
            .collect(Collectors.joining(" "));
    return new Wanted(
        resource, asked, names, echo, words.contains("openid"), words.contains("offline_access"));
  }

  static Refused unknown() {
    return EntraError.of(
            "invalid_resource", 500011, "The resource principal was not found in the tenant.")
        .refused();
  }

  private static String named(String resource) {
    return Directory.api(resource).map(App::clientId).orElse(resource);
  }
}
