// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.graph;

import dev.obolus.connector.Connector;
import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.ConnectorId;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.conformance.ConnectorConformance;
import dev.obolus.connector.conformance.SourceDialect;
import dev.obolus.connector.conformance.SourceStub.Received;
import dev.obolus.connector.conformance.SourceStub.Reply;
import dev.obolus.terms.Mask;
import dev.obolus.terms.Obligation;
import dev.obolus.terms.Predicate;
import dev.obolus.terms.ResourceName;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

class GraphConformanceTest extends ConnectorConformance {
  private static final ResourceName GROUPS = new ResourceName("graph.me.groups");
  private static final String SCOPE = "graph/User.Read";
  private static final URI PUBLIC = URI.create("https://login.microsoftonline.com");

  @Override
  protected Connector connector(URI source) {
    return GraphConnector.of(
        new ConnectorId("directory"),
        new GraphProperties(source.toString(), SCOPE),
        PUBLIC,
        List.of());
  }

  @Override
  protected SourceDialect dialect() {
    return new GraphDialect();
  }

  /** As Graph talks. */
  private static final class GraphDialect implements SourceDialect {

    @Override
    public DataRequest benign(DataRequest.Limits limits) {
      Connector any =
          GraphConnector.of(
              new ConnectorId("directory"), new GraphProperties(null, SCOPE), PUBLIC, List.of());
      return new DataRequest(any.id(), any.operations().getFirst(), Map.of(), limits);
    }

    @Override
    public boolean carriesValues() {
      return false;
    }

    @Override
    public DataRequest carrying(String value) {
      throw new IllegalStateException("nothing can be put into it");
    }

    @Override
    public boolean worksOn() {
      return false;
    }

    @Override
    public boolean isSubmission(Received request) {
      return request.method().equals("POST");
    }

    @Override
    public boolean isCancel(Received request) {
      return false;
    }

    @Override
    public String executed(Received submission) {
      return submission.path() + submission.body();
    }

    @Override
    public Reply identified(Reply reply, String requestId) {
      return reply.with("request-id", requestId);
    }

    @Override
    public Reply rows(List<String> values) {
      return Reply.json(200, page(values) + "}");
    }

    private static String page(List<String> values) {
      return values.stream()
          .collect(Collectors.joining("\",\"", "{\"value\":[\"", "\"]"))
          .replace("[\"\"]", "[]");
    }

    @Override
    public Reply underWay() {
      throw new IllegalStateException("it answers when it is done");
    }

    @Override
    public Reply cancelled() {
      throw new IllegalStateException("there is nothing to cancel");
    }

    @Override
    public Reply moreAt(String link) {
      return Reply.json(200, page(List.of("a")) + ",\"@odata.nextLink\":\"" + link + "\"}");
    }

    @Override
    public List<Refusal> refusals() {
      return List.of(
          refusal(401, "InvalidAuthenticationToken", ConnectorFailure.NotAuthenticated.class),
          refusal(403, "Authorization_RequestDenied", ConnectorFailure.DeniedBySource.class),
          refusal(404, "ResourceNotFound", ConnectorFailure.NotFound.class),
          refusal(400, "Directory_ResultSizeLimitExceeded", ConnectorFailure.TooLarge.class),
          refusal(400, "BadRequest", ConnectorFailure.Malformed.class),
          new Refusal(
              "429",
              error(429, "TooManyRequests").with("Retry-After", "7"),
              ConnectorFailure.Throttled.class),
          refusal(500, "InternalServerError", ConnectorFailure.Unavailable.class),
          refusal(503, "ServiceUnavailable", ConnectorFailure.Unavailable.class),
          refusal(504, "GatewayTimeout", ConnectorFailure.TimedOut.class));
    }

    private static Refusal refusal(
        int status, String code, Class<? extends ConnectorFailure> meaning) {
      return new Refusal(status + " " + code, error(status, code), meaning);
    }

    private static Reply error(int status, String code) {
      return Reply.json(
          status, "{\"error\":{\"code\":\"" + code + "\",\"message\":\"" + canary() + "\"}}");
    }

    @Override
    public List<Met> obligations() {
      return List.of();
    }

    @Override
    public List<Obligation> unmeetable() {
      return List.of(
          new Obligation.RowFilter(
              GROUPS,
              new Predicate.Comparison(
                  "id", Predicate.Operator.EQ, new Predicate.Literal.Text("a"))),
          new Obligation.ColumnMask(GROUPS, "id", new Mask.Replace("***")));
    }

    @Override
    public String scope() {
      return SCOPE;
    }
  }
}
