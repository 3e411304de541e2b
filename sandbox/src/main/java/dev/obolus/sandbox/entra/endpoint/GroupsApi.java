// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.entra.endpoint;

import com.nimbusds.jwt.JWTClaimsSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.obolus.sandbox.entra.Directory;
import dev.obolus.sandbox.entra.SignIn;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one corner of Microsoft Graph that group overage leads to: {@code POST
 * /v1.0/me/getMemberObjects}, for the person whose token comes.
 */
public final class GroupsApi implements HttpHandler {
  public static final String PATH = "/v1.0/me/getMemberObjects";
  private static final int MANY = 250;

  private final EntraApi entra;

  public GroupsApi(EntraApi entra) {
    this.entra = entra;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var wire = new Wire(exchange);
      String token = wire.header("Authorization").replaceFirst("^Bearer ", "");
      Optional<JWTClaimsSet> claims = entra.tokens().check(token, Directory.GRAPH);
      Optional<Directory.User> user =
          claims.flatMap(one -> Directory.user(String.valueOf(one.getClaim("oid"))));
      if (!wire.path().equals(PATH) || !wire.method().equals("POST")) {
        wire.json(404, fault("ResourceNotFound"));
      } else if (claims.isEmpty() || user.isEmpty()) {
        wire.json(401, fault("InvalidAuthenticationToken"));
      } else if (entra.standing().isRevoked(user.get(), SignIn.behind(claims.get()))) {
        wire.json(401, fault("InvalidAuthenticationToken"));
      } else {
        wire.json(200, answer(user.get()));
      }
    }
  }

  private ObjectNode answer(Directory.User user) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    ArrayNode value = json.putArray("value");
    groups(user).forEach(value::add);
    return json;
  }

  private List<String> groups(Directory.User user) {
    Stream<String> more =
        entra.standing().hasManyGroups(user)
            ? IntStream.range(0, MANY).mapToObj("0b010500-0000-4000-8001-%012d"::formatted)
            : Stream.empty();
    return Stream.concat(user.groups().stream(), more).toList();
  }

  private static ObjectNode fault(String code) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.putObject("error").put("code", code).put("message", code);
    return json;
  }
}
