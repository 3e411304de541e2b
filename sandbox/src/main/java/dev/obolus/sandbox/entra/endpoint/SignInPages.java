// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.EntraError;
import dev.obolus.sandbox.entra.EntraError.Refused;
import dev.obolus.sandbox.entra.SignIn;
import dev.obolus.sandbox.entra.Standing;
import dev.obolus.sandbox.entra.endpoint.SignIns.SignedIn;
import dev.obolus.sandbox.entra.rules.Call;
import dev.obolus.sandbox.entra.rules.Rules;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What people see: pick a user, enter a device's code, consent. Whoever signs in here meets every
 * control that a rule wants for the API, or that the request's {@code claims} name.
 */
final class SignInPages {
  private final SignIns signIns;
  private final Standing standing;
  private final Rules rules;
  private final Gate gate;
  private final Clock clock;

  SignInPages(SignIns signIns, Standing standing, Rules rules, Gate gate, Clock clock) {
    this.signIns = signIns;
    this.standing = standing;
    this.rules = rules;
    this.gate = gate;
    this.clock = clock;
  }

  void authorize(Wire wire, String segment) throws IOException, Refused {
    Map<String, String> query = wire.query();
    App client = requireSignIn(query);
    String nonce = UUID.randomUUID().toString();
    boolean steppingUp = !query.getOrDefault("claims", "").isEmpty();
    String more =
        steppingUp
            ? client.name() + " asks for more than a password; whoever signs in here shows it."
            : "";
    wire.html(
        200,
        Pages.pick(peopleIn(segment), more, query, nonce),
        nonce,
        "'self' " + ReplyAddress.origin(query.getOrDefault("redirect_uri", "")));
  }

  void picked(Wire wire, String segment) throws IOException, Refused, Gate.Disturbed {
    Map<String, String> form = wire.form();
    App client = requireSignIn(form);
    Directory.User user = requireUser(segment, form.getOrDefault("user", ""));
    String scope = form.getOrDefault("scope", "");
    Wanted wanted = Wanted.read(scope);
    if (form.getOrDefault("prompt", "").equals("consent")) {
      standing.consent(tenantOf(user), client, wanted.resource(), true);
    }
    String redirect = form.getOrDefault("redirect_uri", "");
    SignedIn signedIn = signIn(user, client, wanted, form.getOrDefault("claims", ""));
    String code =
        signIns.issue(
            new SignIns.Code(
                signedIn,
                redirect,
                scope,
                form.getOrDefault("code_challenge", ""),
                form.getOrDefault("nonce", "")));
    wire.redirect(
        ReplyAddress.with(
            redirect,
            "code=" + Wire.encode(code) + "&state=" + Wire.encode(form.getOrDefault("state", ""))));
  }

  /** RFC 8628, section 3.1. */
  void deviceCode(Wire wire, String segment) throws IOException, Refused, Gate.Disturbed {
    Map<String, String> form = wire.form();
    App client = requireApp(form);
    gate.pass(Call.of("devicecode").by(client, "none"), SignIn.plain(clock.instant()));
    String scope = form.getOrDefault("scope", "");
    Wanted wanted = Wanted.read(scope);
    String[] codes =
        signIns.issue(
            new SignIns.Device(
                client, segment, scope, form.getOrDefault("claims", ""), new SignIns.Waiting()));
    String page = wire.base() + "/" + segment + "/oauth2/v2.0/deviceauth";
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("device_code", codes[0]).put("user_code", codes[1]).put("verification_uri", page);
    json.put("expires_in", SignIns.DEVICE_LIFE.toSeconds()).put("interval", 1);
    json.put(
        "message",
        "To sign in to %s, use a web browser to open the page %s and enter the code %s to authenticate."
            .formatted(wanted.resource().name(), page, codes[1]));
    wire.json(200, json);
  }

  void devicePage(Wire wire, String segment) throws IOException {
    String nonce = UUID.randomUUID().toString();
    String code = wire.query().getOrDefault("user_code", "");
    wire.html(200, Pages.device(peopleIn(segment), code, nonce), nonce, "'self'");
  }

  void deviceAnswered(Wire wire) throws IOException, Refused, Gate.Disturbed {
    Map<String, String> form = wire.form();
    String userCode = form.getOrDefault("user_code", "");
    SignIns.Device device =
        signIns
            .deviceOf(userCode)
            .orElseThrow(
                () -> EntraError.of("invalid_request", 70018, "There is no such code.").refused());
    if (form.getOrDefault("decline", "").equals("yes")) {
      signIns.answered(userCode, device.now(new SignIns.Declined()));
      notice(wire, 200, "Declined", "The device gets no token.");
      return;
    }
    Directory.User user = requireUser(device.segment(), form.getOrDefault("user", ""));
    SignedIn signedIn = signIn(user, device.client(), Wanted.read(device.scope()), device.claims());
    signIns.answered(userCode, device.now(new SignIns.Done(signedIn)));
    notice(wire, 200, "You are signed in", "Go back to your device.");
  }

  void consentPage(Wire wire, String segment) throws IOException, Refused {
    Map<String, String> query = wire.query();
    String nonce = UUID.randomUUID().toString();
    String sentence =
        "%s asks to use %s for everybody in tenant %s."
            .formatted(
                requireApp(query).name(),
                asked(query).stream().map(App::name).collect(Collectors.joining(" and ")),
                requireTenant(segment).name());
    wire.html(200, Pages.agree(sentence, query, nonce), nonce, "'self' http: https:");
  }

  void consented(Wire wire, String segment) throws IOException, Refused {
    Map<String, String> form = wire.form();
    App client = requireApp(form);
    Directory.Tenant tenant = requireTenant(segment);
    asked(form).forEach(resource -> standing.consent(tenant, client, resource, true));
    String back = form.getOrDefault("redirect_uri", "");
    if (ReplyAddress.isLoopback(back)) {
      String answer = "admin_consent=True&tenant=" + segment;
      wire.redirect(
          ReplyAddress.with(
              back, answer + "&state=" + Wire.encode(form.getOrDefault("state", ""))));
    } else {
      notice(wire, 200, "Permissions granted", "You can close this page.");
    }
  }

  /** Of the address without a scope, whatever the application is registered for. */
  private static List<App> asked(Map<String, String> fields) throws Refused {
    String scope = fields.getOrDefault("scope", "");
    App client = requireApp(fields);
    return scope.isEmpty()
        ? Directory.apps().stream().filter(api -> Directory.isRegistered(client, api)).toList()
        : List.of(Wanted.read(scope).resource());
  }

  void signedOut(Wire wire) throws IOException {
    String back = wire.query().getOrDefault("post_logout_redirect_uri", "");
    if (ReplyAddress.isLoopback(back)) {
      wire.redirect(back);
    } else {
      notice(wire, 200, "You are signed out.", "You can close this page.");
    }
  }

  static void notice(Wire wire, int status, String title, String text) throws IOException {
    String nonce = UUID.randomUUID().toString();
    wire.html(status, Pages.notice(title, text, nonce), nonce, "'none'");
  }

  /** Signs in, unless the rules will not have it whatever is shown. */
  private SignedIn signIn(Directory.User user, App client, Wanted wanted, String claims)
      throws Refused, Gate.Disturbed {
    ClaimsRequest asked = ClaimsRequest.read(claims);
    Call call =
        Call.of("sign-in").in(tenantOf(user)).of(user).by(client, "none").to(wanted.resource());
    Set<String> met = new TreeSet<>(rules.metBySigningIn(call));
    met.addAll(rules.wantedBy(asked.policies()));
    SignIn signIn = new SignIn(clock.instant(), met, asked.contexts());
    if (standing.account(user) != Standing.Account.ACTIVE) {
      throw EntraError.of("invalid_grant", 50057, "The user account is disabled.").refused();
    }
    gate.pass(call, signIn);
    return new SignedIn(user, client, signIn);
  }

  private static App requireSignIn(Map<String, String> asked) throws Refused {
    App client = requireApp(asked);
    if (!client.signsIn()) {
      throw refused(500113, "No reply address is registered for the application.");
    }
    if (!ReplyAddress.isOf(client, asked.getOrDefault("redirect_uri", ""))) {
      throw refused(
          50011,
          "The redirect URI does not match those configured for the application: http(s) on a loopback host.");
    }
    if (!asked.getOrDefault("response_type", "").equals("code")) {
      throw refused(700054, "Only response_type=code is answered.");
    }
    if (!asked.getOrDefault("code_challenge_method", "").equals("S256")
        || asked.getOrDefault("code_challenge", "").isEmpty()) {
      throw refused(9002325, "Proof Key for Code Exchange (S256) is required.");
    }
    return client;
  }

  private static App requireApp(Map<String, String> asked) throws Refused {
    return Directory.app(asked.getOrDefault("client_id", ""))
        .orElseThrow(() -> refused(700016, "The application was not found in the directory."));
  }

  private static Directory.User requireUser(String segment, String name) throws Refused {
    return peopleIn(segment).stream()
        .filter(user -> user.name().equals(name))
        .findFirst()
        .orElseThrow(() -> refused(50034, "There is no such user."));
  }

  private static Directory.Tenant requireTenant(String segment) throws Refused {
    return Directory.tenant(segment)
        .orElseThrow(() -> refused(90002, "Consent is given in a tenant."));
  }

  /** Under {@code common}, everybody at home. */
  private static List<Directory.User> peopleIn(String segment) {
    Optional<Directory.Tenant> tenant = Directory.tenant(segment);
    return Directory.users().stream()
        .filter(user -> user.kind() != Directory.Kind.AGENT_USER)
        .filter(user ->
            tenant
                .map(one -> one.id().equals(user.tenant()))
                .orElse(user.kind() == Directory.Kind.MEMBER))
        .toList();
  }

  private static Directory.Tenant tenantOf(Directory.User user) {
    return Directory.tenant(user.tenant()).orElseThrow();
  }

  private static Refused refused(int aadsts, String text) {
    return EntraError.of("invalid_request", aadsts, text).refused();
  }
}
