// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import com.nimbusds.jwt.JWTClaimsSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Delegation;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.EntraError;
import dev.obolus.sandbox.entra.EntraError.Refused;
import dev.obolus.sandbox.entra.Forgeries;
import dev.obolus.sandbox.entra.Installation;
import dev.obolus.sandbox.entra.SignIn;
import dev.obolus.sandbox.entra.SigningKeys;
import dev.obolus.sandbox.entra.Standing;
import dev.obolus.sandbox.entra.Tokens;
import dev.obolus.sandbox.entra.rules.Call;
import dev.obolus.sandbox.entra.rules.Rules;
import dev.obolus.sandbox.entra.rules.Then;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The HTTP face of the stand-in Entra. Addresses in its metadata are built from the Host header
 * that the caller used; the issuers are the same everywhere.
 */
public final class EntraApi implements HttpHandler {
  private static final Set<String> MANY_TENANTS = Set.of("common", "organizations");
  private static final Set<String> SEGMENTS =
      java.util.stream.Stream.concat(
              Directory.tenants().stream().map(Directory.Tenant::id), MANY_TENANTS.stream())
          .collect(Collectors.toUnmodifiableSet());

  private final Tokens tokens;
  private final SigningKeys keys;
  private final Standing standing = new Standing();
  private final Rules rules = new Rules();
  private final Gate gate;
  private final SignInPages pages;
  private final TokenEndpoint tokenEndpoint;
  private final Observer observer;
  private final Clock clock;

  public EntraApi(Path data, Clock clock, Observer observer) throws IOException {
    Installation installation = Installation.in(data);
    this.clock = clock;
    this.observer = observer;
    this.keys = installation.keys();
    this.tokens = new Tokens(keys, standing, clock);
    this.gate = new Gate(rules, clock);
    var signIns = new SignIns(clock);
    this.pages = new SignInPages(signIns, standing, rules, gate, clock);
    this.tokenEndpoint =
        new TokenEndpoint(
            new Grants(
                tokens,
                standing,
                new ClientProof(installation, tokens, clock),
                signIns,
                new Assertions(keys, tokens),
                gate,
                clock),
            observer,
            clock);
  }

  /** Tokens that must be refused, made from the claims of a good one. */
  public Forgeries forgeries(JWTClaimsSet good) {
    return new Forgeries(tokens, keys, good);
  }

  /**
   * An access token without a page: as if the user had signed in and met what the claims ask for.
   *
   * @param claims of a challenge, as JSON, or empty
   * @throws IllegalArgumentException if they are not JSON
   */
  public String signedInToken(Directory.User user, App client, App resource, String claims) {
    try {
      ClaimsRequest wanted = ClaimsRequest.read(claims);
      SignIn signIn =
          new SignIn(clock.instant(), rules.wantedBy(wanted.policies()), wanted.contexts());
      return tokens.forUser(
          Delegation.fresh(user, client, resource, clock.instant())
              .after(signIn)
              .by(wanted.capabilities()));
    } catch (Refused refused) {
      throw new IllegalArgumentException(refused.why().text(), refused);
    }
  }

  public Tokens tokens() {
    return tokens;
  }

  public SigningKeys keys() {
    return keys;
  }

  /** What is changed about users and applications. */
  public Standing standing() {
    return standing;
  }

  /** What happens to calls. */
  public Rules rules() {
    return rules;
  }

  /** Where the rules are asked. */
  Gate gate() {
    return gate;
  }

  /** Everything as at the start, but for sign-ins and refresh tokens. */
  public void reset() {
    rules.clear();
    standing.reset();
    keys.reset();
  }

  /** Sees every call that is answered. */
  @FunctionalInterface
  public interface Observer {
    void saw(Seen seen);
  }

  /**
   * One answered call.
   *
   * @param person the object id in the token that was issued, or {@code -}
   * @param aadsts Entra's number, or 0
   */
  public record Seen(Call call, String person, int status, int aadsts, String correlationId) {}

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var wire = new Wire(exchange);
      try {
        route(wire);
      } catch (IllegalArgumentException _) { // an escape or an encoding that is none
        refuse(wire, EntraError.of("invalid_request", 9002313, "Malformed request."));
      }
    }
  }

  private void route(Wire wire) throws IOException {
    String[] parts = wire.path().split("/", 3);
    String segment = parts.length == 3 ? parts[1] : "";
    if (!SEGMENTS.contains(segment)) {
      refuse(wire, unknown());
      return;
    }
    try {
      dispatch(wire, segment, wire.method() + " " + parts[2]);
    } catch (Refused refused) {
      refuse(wire, refused.why());
    } catch (Gate.Disturbed disturbed) {
      play(wire, disturbed.how());
    }
  }

  private void dispatch(Wire wire, String segment, String call)
      throws IOException, Refused, Gate.Disturbed {
    switch (call) {
      case "GET v2.0/.well-known/openid-configuration" -> metadata(wire, segment, false);
      case "GET .well-known/openid-configuration" -> metadata(wire, segment, true);
      case "GET discovery/v2.0/keys" -> keys(wire, segment, false);
      case "GET discovery/keys" -> keys(wire, segment, true);
      case "POST oauth2/v2.0/token" -> tokenEndpoint.answer(wire, segment);
      case "POST oauth2/v2.0/devicecode" -> pages.deviceCode(wire, segment);
      case "GET oauth2/v2.0/authorize" -> onPage(wire, () -> pages.authorize(wire, segment));
      case "POST oauth2/v2.0/authorize" -> onPage(wire, () -> pages.picked(wire, segment));
      case "GET oauth2/v2.0/deviceauth" -> pages.devicePage(wire, segment);
      case "POST oauth2/v2.0/deviceauth" -> onPage(wire, () -> pages.deviceAnswered(wire));
      case "GET v2.0/adminconsent", "GET adminconsent" ->
          onPage(wire, () -> pages.consentPage(wire, segment));
      case "POST v2.0/adminconsent", "POST adminconsent" ->
          onPage(wire, () -> pages.consented(wire, segment));
      case "GET oauth2/v2.0/logout" -> pages.signedOut(wire);
      default -> refuse(wire, unknown());
    }
  }

  private void metadata(Wire wire, String segment, boolean version1)
      throws IOException, Refused, Gate.Disturbed {
    pass("metadata", segment);
    wire.json(200, Metadata.document(wire.base(), segment, version1, keys.issuers()));
  }

  private void keys(Wire wire, String segment, boolean version1)
      throws IOException, Refused, Gate.Disturbed {
    pass("keys", segment);
    wire.json(200, Metadata.keys(keys, version1));
  }

  /** Seen whether it passes or not. */
  private void pass(String kind, String segment) throws Refused, Gate.Disturbed {
    try {
      gate.pass(call(kind, segment), SignIn.plain(clock.instant()));
      saw(kind, segment, 200, 0);
    } catch (Refused refused) {
      saw(kind, segment, refused.why().status(), refused.why().aadsts());
      throw refused;
    } catch (Gate.Disturbed disturbed) {
      saw(kind, segment, disturbed.status(), 0);
      throw disturbed;
    }
  }

  private void saw(String kind, String segment, int status, int aadsts) {
    observer.saw(new Seen(call(kind, segment), Call.UNKNOWN, status, aadsts, ""));
  }

  private static Call call(String kind, String segment) {
    return Directory.tenant(segment).map(Call.of(kind)::in).orElseGet(() -> Call.of(kind));
  }

  @FunctionalInterface
  private interface Page {
    void show() throws IOException, Refused, Gate.Disturbed;
  }

  /** A person reads the refusal. */
  private static void onPage(Wire wire, Page page) throws IOException, Gate.Disturbed {
    try {
      page.show();
    } catch (Refused refused) {
      String text = "AADSTS" + refused.why().aadsts() + ": " + refused.why().text();
      SignInPages.notice(wire, 400, "This sign-in is not possible", text);
    }
  }

  private void refuse(Wire wire, EntraError error) throws IOException {
    wire.json(error.status(), error.json(wire.trace(), wire.correlation(), clock.instant()));
  }

  private void play(Wire wire, Then then) throws IOException {
    switch (then) {
      case Then.Refuse(EntraError error, var headers) -> {
        headers.forEach(wire::set);
        refuse(wire, error);
      }
      case Then.Page(int status, String html) -> wire.send(status, "text/html", html);
      case Then.Hang(var time) -> Wire.hang(time);
      case Then.Drip(var time) -> wire.drip(time);
      case Then.Require _ -> throw new IllegalStateException("a requirement is a refusal");
    }
  }

  private static EntraError unknown() {
    return EntraError.of("invalid_request", 90002, "Tenant or endpoint not found.").with(404);
  }
}
