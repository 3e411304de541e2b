// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the log records, in the log's own words. Personal fields (a person's object id, statements,
 * policy inputs, obligations with their values) enter the sealed bytes as salted commitments only.
 */
public sealed interface AuditEvent {

  /** The tenant whose data this is about: a GUID, or {@code -} for none. */
  String tenant();

  /**
   * A decision, allowing or not. Durable before any source is touched.
   *
   * @param effect {@code allow · deny · step_up · approval_needed}
   * @param person absent for an app-only caller
   * @param lane {@code obo · workload · saas · key}
   * @param actionClass {@code read · write · delete · execute · admin}
   * @param revision the policy revision that decided, or {@code -}
   * @param trace W3C trace id
   * @param tokenId the inbound token's {@code uti}
   * @param clientRequestId ours, for Entra and the source
   * @param statement as asked; committed
   * @param obligations canonical JSON with values; committed
   * @param policyInputs the exact inputs, a JSON array; committed
   */
  record Decided(
      String decisionId,
      String tenant,
      Optional<Person> person,
      Actor actor,
      String lane,
      String environment,
      String connector,
      String operation,
      String actionClass,
      List<Resource> resources,
      Optional<String> purpose,
      Optional<String> conversation,
      Optional<String> trace,
      Optional<String> tokenId,
      String clientRequestId,
      String effect,
      List<Reason> reasons,
      List<String> obligationKinds,
      String revision,
      String evaluator,
      Duration took,
      Optional<String> statement,
      Optional<String> obligations,
      Optional<String> policyInputs)
      implements AuditEvent {}

  /** The answer that left, or would have. */
  record Served(Conclusion conclusion, boolean truncated, List<String> withheldKinds)
      implements AuditEvent {
    @Override
    public String tenant() {
      return conclusion.tenant();
    }
  }

  /**
   * The call failed.
   *
   * @param code the error code that the caller saw
   * @param sourceState {@code not_called · stopped · finished · unknown}
   * @param bySource the refusal was the source's own
   */
  record Failed(Conclusion conclusion, String code, boolean bySource, String sourceState)
      implements AuditEvent {
    @Override
    public String tenant() {
      return conclusion.tenant();
    }
  }

  /** The caller hung up. */
  record Cancelled(Conclusion conclusion, String sourceState) implements AuditEvent {
    @Override
    public String tenant() {
      return conclusion.tenant();
    }
  }

  /**
   * Strangers, counted: what was refused before anybody was known, and callers over their rate.
   *
   * @param counts error code to number, none of them zero
   */
  record Rejected(Instant from, Instant to, Map<String, Long> counts) implements AuditEvent {
    @Override
    public String tenant() {
      return "-";
    }
  }

  /** An operator signed in to a console. */
  record SignedIn(String tenant, Person person, String client, List<String> roles)
      implements AuditEvent {}

  /**
   * An operator did something.
   *
   * @param action such as {@code audit.verify}
   * @param about what it was done to
   * @param result one word; {@code proposed} and {@code agreed} are the words of two people who
   *     want the same, and have codes of their own, as {@code refused} has
   */
  record OperatorActed(
      String tenant, Person person, String client, String action, String about, String result)
      implements AuditEvent {}

  /**
   * The keys of somebody's values are destroyed: two operators wanted it. From this record on,
   * values under these keys need not be readable, nor be there.
   *
   * @param person the operator who agreed; the one who proposed it is in the proposal's record
   * @param about the pseudonym by which the person who is forgotten was known
   * @param reason in the operators' words; no personal value
   * @param proposal the record in which it was proposed: chain, space, seq
   * @param keys the keys' names, 32 bytes each
   */
  record Erased(
      String tenant,
      Person person,
      String client,
      String about,
      String reason,
      String proposal,
      List<Bytes> keys)
      implements AuditEvent {
    public Erased {
      keys = List.copyOf(keys);
    }
  }

  /**
   * Records that were kept long enough leave the log: two operators wanted it. From this record on,
   * what it names need not be there; nothing else may be missing.
   *
   * @param epoch the month of the records, {@code yyyymm}
   * @param tenants whose records of that month go, or went before
   * @param chains for each chain {@code id head mac first last records digest}: its newest record
   *     and MAC, which stay, the first and last of the records that are gone then, how many, and a
   *     digest that says which
   * @param tree the newest checkpoint at that time: {@code size root}
   * @param retention the rule by which they had been kept long enough
   * @param approvers pseudonyms of the operator who proposed it and of the one who agreed
   * @param reason in the operators' words; no personal value
   * @param proposal the records in which it was proposed and agreed to: chain and seq of each, a
   *     space between
   * @param export where they were copied to before, if they were
   */
  record Pruned(
      int epoch,
      List<String> tenants,
      List<String> chains,
      String tree,
      String retention,
      List<String> approvers,
      String reason,
      String proposal,
      Optional<Export> export)
      implements AuditEvent {
    public Pruned {
      tenants = List.copyOf(tenants);
      chains = List.copyOf(chains);
      approvers = List.copyOf(approvers);
    }

    @Override
    public String tenant() {
      return "-";
    }

    /**
     * A copy.
     *
     * @param location in the operators' words
     * @param sha256 32 bytes
     */
    public record Export(String location, Bytes sha256) {}
  }

  /**
   * A freeze: from this record on nothing is asked of a source for whom or what it names, until an
   * {@link Unfrozen} of it.
   *
   * @param tenant the person's, or the one that is frozen; {@code -} where it holds for all
   * @param scope {@code person · agent · tenant · connector · everything}
   * @param person who is frozen, for scope {@code person}; not the operator
   * @param client the agent that is frozen, for scope {@code agent}
   * @param connector for scope {@code connector}
   * @param until when it ends by itself, if it does
   * @param operator pseudonym of the operator who set it
   * @param reason in the operator's words; no personal value
   * @param act the record of what the operator did: chain, space, seq
   */
  record Frozen(
      String tenant,
      String scope,
      Optional<Person> person,
      Optional<String> client,
      Optional<String> connector,
      Optional<Instant> until,
      String operator,
      String reason,
      String act)
      implements AuditEvent {}

  /**
   * The end of a freeze, before its time.
   *
   * @param tenant the freeze's
   * @param freeze its record: chain, space, seq
   * @param operator pseudonym of the operator who lifted it
   * @param reason in the operator's words; no personal value
   * @param act the record of what the operator did: chain, space, seq
   */
  record Unfrozen(String tenant, String freeze, String operator, String reason, String act)
      implements AuditEvent {}

  /**
   * Another policy revision became the active one, or was refused.
   *
   * @param result {@code activated · refused}
   */
  record PolicyChanged(String previous, String revision, String source, String result)
      implements AuditEvent {
    @Override
    public String tenant() {
      return "-";
    }
  }

  /**
   * The log's signer gave a gateway the key of one chain.
   *
   * @param gateway the name that the signer knows it by
   * @param expires when the chain must have been opened
   */
  record KeyIssued(String gateway, ChainId chain, Instant issued, Instant expires)
      implements AuditEvent {
    @Override
    public String tenant() {
      return "-";
    }
  }

  /**
   * The log's signer gave a gateway no key.
   *
   * @param gateway the name that the signer knows it by; {@code -} if it knows none
   * @param epoch the month asked for: year and month
   * @param why {@code epoch} (neither this month nor the next), {@code early} (next month's, days
   *     too soon) {@code · unknown} (not enrolled)
   */
  record KeyRefused(String gateway, int epoch, String why) implements AuditEvent {
    @Override
    public String tenant() {
      return "-";
    }
  }

  /**
   * The log's signer took back a key that opened no chain yet: none can be opened with it now.
   *
   * @param enrolment the id of the enrolment that it was issued to
   * @param chain which it would have opened
   */
  record KeyWithdrawn(String enrolment, ChainId chain) implements AuditEvent {
    @Override
    public String tenant() {
      return "-";
    }
  }

  /**
   * What the gateway trusted when it opened its chain: part of the {@code open} record.
   *
   * @param settings effective issuers, tenants, hosts, profile, key ids; no secrets
   */
  record Opened(Map<String, String> settings) implements AuditEvent {
    @Override
    public String tenant() {
      return "-";
    }
  }

  /** A person: committed, and searchable by a keyed pseudonym only. */
  record Person(String tenant, String objectId) {}

  /**
   * Who acts for the person.
   *
   * @param client the verified calling application
   * @param agent the registered agent's name, where the client is registered
   * @param strength {@code verified-agent · client-app · self-asserted}
   * @param via agents between, as claimed by the caller
   */
  record Actor(String client, Optional<String> agent, String strength, List<String> via) {}

  /** A resource touched, with its labels and its columns' labels. */
  record Resource(String name, List<String> labels, List<Column> columns) {}

  record Column(String name, List<String> labels) {}

  record Reason(String code, String layer, Map<String, String> args) {}

  /**
   * What every outcome says. What was known when it was decided is said again, in the decision's
   * words, so that an outcome can be read without its permit.
   *
   * @param permitChain and {@code permitSeq}: the decision's own record
   * @param tokenId the inbound token's {@code uti}
   * @param resources with their labels as they were when it was decided
   * @param clientRequestId ours, sent to Entra and to the source
   * @param entraCorrelationId of the exchange, where one was made
   * @param upstreamIds the source's request and statement ids
   */
  record Conclusion(
      String decisionId,
      String tenant,
      ChainId permitChain,
      long permitSeq,
      String lane,
      String environment,
      List<Resource> resources,
      Optional<String> conversation,
      Optional<String> trace,
      Optional<String> tokenId,
      long rows,
      long bytes,
      String clientRequestId,
      Optional<String> entraCorrelationId,
      List<String> upstreamIds,
      Duration took) {

    /** Of a call that was made under a permit. */
    public static Conclusion of(
        Decided permit,
        Receipt receipt,
        long rows,
        long bytes,
        Optional<String> entraCorrelationId,
        List<String> upstreamIds,
        Duration took) {
      return new Conclusion(
          permit.decisionId(),
          permit.tenant(),
          receipt.chain(),
          receipt.seq(),
          permit.lane(),
          permit.environment(),
          permit.resources(),
          permit.conversation(),
          permit.trace(),
          permit.tokenId(),
          rows,
          bytes,
          permit.clientRequestId(),
          entraCorrelationId,
          upstreamIds,
          took);
    }

    /** Of a permit that nobody acted on. */
    public static Conclusion untouched(Decided permit, Receipt receipt) {
      return of(permit, receipt, 0, 0, Optional.empty(), List.of(), Duration.ZERO);
    }
  }
}
