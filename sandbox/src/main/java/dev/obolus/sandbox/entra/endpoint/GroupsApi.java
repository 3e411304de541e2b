// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import com.nimbusds.jwt.JWTClaimsSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.obolus.sandbox.entra.App;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.EntraError.Refused;
import dev.obolus.sandbox.entra.SignIn;
import dev.obolus.sandbox.entra.rules.Call;
import dev.obolus.sandbox.entra.rules.Then;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one corner of Microsoft Graph that group overage leads to: {@code POST
 * /v1.0/me/getMemberObjects}, for the person whose token comes, a hundred ids a page. Rules for the
 * call {@code groups} hold here.
 */
public final class GroupsApi implements HttpHandler {
  public static final String PATH = "/v1.0/me/getMemberObjects";
  private static final String SKIP = "$skiptoken";
  private static final int MANY = 250;
  private static final int PAGE = 100;

  private final EntraApi entra;
  private final EntraApi.Observer observer;

  /**
   * @param observer sees every call, whoever makes it
   */
  public GroupsApi(EntraApi entra, EntraApi.Observer observer) {
    this.entra = entra;
    this.observer = observer;
  }

  /** Somebody with a token for Graph that counts. */
  private record Asker(Directory.User user, SignIn signIn, Call call) {}

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var wire = new Wire(exchange);
      wire.set("request-id", wire.trace());
      Optional<Asker> asker = asker(wire);
      if (!wire.path().equals(PATH)) {
        refuse(wire, 404, "ResourceNotFound", asker);
      } else if (asker.isEmpty()) {
        refuse(wire, 401, "InvalidAuthenticationToken", asker);
      } else {
        answer(wire, asker.get());
      }
    }
  }

  private Optional<Asker> asker(Wire wire) {
    String token = wire.header("Authorization").replaceFirst("^Bearer ", "");
    return entra
        .tokens()
        .check(token, Directory.GRAPH)
        .flatMap(claims ->
            Directory.user(String.valueOf(claims.getClaim("oid")))
                .map(user -> new Asker(user, SignIn.behind(claims), call(user, claims))))
        .filter(asker -> !entra.standing().isRevoked(asker.user(), asker.signIn()));
  }

  private static Call call(Directory.User user, JWTClaimsSet claims) {
    Call call = Call.of("groups").of(user).to(Directory.app(Directory.GRAPH).orElseThrow());
    Optional<App> client = Directory.app(String.valueOf(claims.getClaim("azp")));
    return Directory.tenant(user.tenant())
        .map(call::in)
        .map(it -> client.map(app -> it.by(app, Call.UNKNOWN)).orElse(it))
        .orElse(call);
  }

  private void answer(Wire wire, Asker asker) throws IOException {
    int from = from(wire);
    if (from < 0) {
      refuse(wire, 400, "BadRequest", Optional.of(asker));
      return;
    }
    try {
      entra.gate().pass(asker.call(), asker.signIn());
      ObjectNode page = page(wire, asker.user(), from);
      saw(asker.call(), asker.user().objectId(), 200, wire);
      wire.json(200, page);
    } catch (Refused refused) {
      refuse(wire, refused.why().claims(), refused.why().status(), asker);
    } catch (Gate.Disturbed disturbed) {
      saw(asker.call(), asker.user().objectId(), disturbed.status(), wire);
      play(wire, disturbed.how());
    }
  }

  /** The first page is asked for by POST, the others by GET; -1 for anything else. */
  private static int from(Wire wire) {
    String skip = wire.query().getOrDefault(SKIP, "");
    return switch (wire.method()) {
      case "POST" -> skip.isEmpty() ? 0 : -1;
      case "GET" -> skip.matches("[1-9][0-9]{0,5}") ? Integer.parseInt(skip) : -1;
      default -> -1;
    };
  }

  private ObjectNode page(Wire wire, Directory.User user, int from) {
    List<String> all = groups(user);
    int to = Math.min(all.size(), from + PAGE);
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("@odata.context", wire.base() + "/v1.0/$metadata#Collection(Edm.String)");
    if (to < all.size()) {
      json.put("@odata.nextLink", wire.base() + PATH + "?" + Wire.encode(SKIP) + "=" + to);
    }
    var value = json.putArray("value");
    all.subList(Math.min(from, to), to).forEach(value::add);
    return json;
  }

  private List<String> groups(Directory.User user) {
    Stream<String> more =
        entra.standing().hasManyGroups(user)
            ? IntStream.range(0, MANY).mapToObj("0b010500-0000-4000-8001-%012d"::formatted)
            : Stream.empty();
    return Stream.concat(user.groups().stream(), more).toList();
  }

  /**
   * Without claims, forbidden; with claims, Graph challenges as continuous access evaluation does.
   */
  private void refuse(Wire wire, String claims, int status, Asker asker) throws IOException {
    if (claims.isEmpty()) {
      refuse(wire, status == 400 ? 403 : status, "Authorization_RequestDenied", Optional.of(asker));
      return;
    }
    String base64 = Base64.getEncoder().encodeToString(claims.getBytes(StandardCharsets.UTF_8));
    wire.set(
        "WWW-Authenticate",
        "Bearer realm=\"\", authorization_uri=\"%s/common/oauth2/authorize\", error=\"insufficient_claims\", claims=\"%s\""
            .formatted(wire.base(), base64));
    refuse(wire, 401, "InvalidAuthenticationToken", Optional.of(asker));
  }

  private void refuse(Wire wire, int status, String code, Optional<Asker> asker)
      throws IOException {
    saw(
        asker.map(Asker::call).orElseGet(() -> Call.of("groups")),
        asker.map(it -> it.user().objectId()).orElse(Call.UNKNOWN),
        status,
        wire);
    wire.json(status, fault(code));
  }

  private static void play(Wire wire, Then then) throws IOException {
    switch (then) {
      case Then.Refuse(var error, var headers) -> {
        headers.forEach(wire::set);
        wire.json(error.status(), fault("TooManyRequests"));
      }
      case Then.Page(int status, String html) -> wire.send(status, "text/html", html);
      case Then.Hang(var time) -> Wire.hang(time);
      case Then.Drip(var time) -> wire.drip(time);
      case Then.Require _ -> throw new IllegalStateException("a requirement is a refusal");
    }
  }

  private void saw(Call call, String person, int status, Wire wire) {
    observer.saw(new EntraApi.Seen(call, person, status, 0, wire.correlation()));
  }

  private static ObjectNode fault(String code) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.putObject("error").put("code", code).put("message", code);
    return json;
  }
}
