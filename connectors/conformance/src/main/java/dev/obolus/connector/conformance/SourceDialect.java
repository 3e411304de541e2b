// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.connector.conformance;

import dev.obolus.connector.ConnectorFailure;
import dev.obolus.connector.DataRequest;
import dev.obolus.connector.conformance.SourceStub.Received;
import dev.obolus.connector.conformance.SourceStub.Reply;
import dev.obolus.terms.Obligation;
import java.util.List;
import java.util.function.Predicate;

/** How one kind of source talks, for the kit to play it. */
public interface SourceDialect {

  /** A request for one text column, from one resource. */
  DataRequest benign(DataRequest.Limits limits);

  /** Whether the caller can put a text of his own into a request. */
  default boolean carriesValues() {
    return true;
  }

  /** A request that carries the text as a value to compare with. */
  DataRequest carrying(String value);

  /**
   * Whether the source works on after it has answered a submission. Where it does not, it has
   * nothing to cancel.
   */
  default boolean worksOn() {
    return true;
  }

  boolean isSubmission(Received request);

  boolean isCancel(Received request);

  /** What was sent to be executed, without the values bound to it. */
  String executed(Received submission);

  /** The same answer, with this as the source's own id of the exchange. */
  Reply identified(Reply reply, String requestId);

  /** Success, with one text column, and these rows. */
  Reply rows(List<String> values);

  /** Accepted, not yet done. */
  Reply underWay();

  /** What the source answers to a cancel. */
  Reply cancelled();

  /** Success, with a link to more at another host. */
  Reply moreAt(String link);

  /** Every way in which the source refuses, and what it means. */
  List<Refusal> refusals();

  /** Obligations on the benign request, and how one sees that what was sent meets them. */
  List<Met> obligations();

  /** Obligations on the benign request that cannot be met. */
  List<Obligation> unmeetable();

  /** The scope whose token the source wants. */
  String scope();

  record Refusal(String name, Reply reply, Class<? extends ConnectorFailure> meaning) {}

  record Met(Obligation obligation, Predicate<Received> visibly) {}
}
