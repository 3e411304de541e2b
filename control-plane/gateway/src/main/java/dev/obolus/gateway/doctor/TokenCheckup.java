// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.doctor;

import dev.obolus.connector.AuthorizedRequest.Correlation;
import dev.obolus.connector.Connector;
import dev.obolus.connector.DelegatedAccess.AccessRefused;
import dev.obolus.connector.DelegatedAccessProvider;
import dev.obolus.connector.RefusedExchange;
import dev.obolus.connector.Subject;
import dev.obolus.gateway.identity.Caller;
import dev.obolus.gateway.identity.TokenRefused;
import dev.obolus.gateway.identity.TokenVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.context.ApplicationContext;
import reactor.core.publisher.Mono;

/**
 * With {@code --user-token-file}: whether the gateway takes that person's token, and whether it can
 * be exchanged for each connector's resource. The exchange is made; nothing is asked of a source.
 */
final class TokenCheckup implements Checkup {
  private static final String WHAT = "user's token";
  private static final String CONSENT = "consent";

  private final ApplicationContext context;

  TokenCheckup(ApplicationContext context) {
    this.context = context;
  }

  @Override
  public List<Finding> examine() throws IOException {
    String file = context.getEnvironment().getProperty("user-token-file", "");
    if (file.isBlank()) {
      return List.of(
          Finding.ok(
              WHAT,
              "Not tried: no --user-token-file. With one, its audience, its version and each connector's consent are examined."));
    }
    String token = Files.readString(Path.of(file)).strip();
    try {
      Caller caller =
          context.getBean(TokenVerifier.class).verify(token).blockOptional().orElseThrow();
      return switch (caller) {
        case Caller.UserCaller user -> exchanges(user);
        case Caller.AppCaller _ ->
            List.of(
                Finding.warning(
                    WHAT,
                    "The token is an application's own: no person stands behind it.",
                    "Give a token that a person obtained by signing in."));
      };
    } catch (TokenRefused refused) {
      return List.of(
          Finding.fault(
              WHAT,
              refused.sentence(),
              "Compare the app registration (audience, api.requestedAccessTokenVersion, scopes) with obolus.identity."));
    }
  }

  private List<Finding> exchanges(Caller.UserCaller user) {
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.ok(
            WHAT,
            "It is taken, for a person of tenant %s, through %s, a %s."
                .formatted(
                    user.facts().tenant(), user.facts().client(), user.facts().strength().word())));
    Collection<Connector> connectors = context.getBeansOfType(Connector.class).values();
    for (Connector connector : connectors) {
      connector
          .delegatedScope()
          .ifPresent(scope -> findings.add(exchange(user.subject(), connector, scope)));
    }
    return findings;
  }

  private Finding exchange(Subject subject, Connector connector, String scope) {
    var correlation =
        new Correlation(
            UUID.randomUUID().toString(), UUID.randomUUID().toString().replace("-", ""));
    try {
      Optional<Boolean> exchanged =
          context
              .getBean(DelegatedAccessProvider.class)
              .forSubject(subject, connector.id(), correlation)
              .call(scope, _ -> Mono.just(true))
              .blockOptional();
      return exchanged.isPresent()
          ? Finding.ok(CONSENT, connector.id().value() + ": exchanged for " + scope + ".")
          : Finding.fault(CONSENT, connector.id().value() + ": no answer.", "Try again.");
    } catch (AccessRefused refused) {
      return refused(connector, scope, refused);
    }
  }

  private static Finding refused(Connector connector, String scope, AccessRefused refused) {
    String code =
        refused
            .exchange()
            .map(RefusedExchange::code)
            .orElse(refused.failure().getClass().getSimpleName());
    String sentence =
        "%s: not exchanged for %s (%s).".formatted(connector.id().value(), scope, code);
    return refused
        .exchange()
        .flatMap(RefusedExchange::consent)
        .map(consent ->
            Finding.fault(
                CONSENT, sentence, "An administrator consents at " + consent.uri() + " ."))
        .orElseGet(() ->
            Finding.fault(CONSENT, sentence, "What this code means stands in docs/identity.md."));
  }
}
