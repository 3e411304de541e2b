// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.ChainId;
import dev.obolus.audit.postgres.SafetyCheck;
import dev.obolus.audit.tree.Checkpoint;
import dev.obolus.audit.tree.Heads;
import dev.obolus.audit.tree.Heads.Head;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.Proofs;
import dev.obolus.audit.tree.SignedNote;
import dev.obolus.audit.tree.TreeEdge;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts what chains have gained into the tree and signs checkpoints. Of several on one database one
 * is at work, by a lock that ends with its session; the others look again every second.
 *
 * <p>Guarantees: no record is signed whose leaf, link and MAC were not recomputed, and none under a
 * root key that a record before it in the tree revokes; no chain whose first record revokes what
 * the settings do not, which is left out and told, while the others go on; no note of a prune that
 * two people's sealed records do not say; no size at or below one that was signed is signed again,
 * nor one at or below what a witness that answers has cosigned; nothing leaves the process before
 * it is committed, and where the server waits for a standby, has come there too; nothing is signed
 * on a database that the log's writer would not write to. If anything is not as it was sealed or
 * signed, it says so and signs nothing until that has changed.
 *
 * <p>Blocks, on a thread of its own. Nobody waits for it.
 */
public final class Integrator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Integrator.class);
  private static final int RECORDS_AT_ONCE = 20_000;
  private static final int LEASE_CLASS = 0x4F424F; // "OBO"
  private static final String AS_THE_WRITER =
      "SET synchronous_commit = on; SET client_min_messages = warning";
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);
  private static final Duration ENDING = Duration.ofSeconds(5);

  /** Connects as the gateway's role. */
  @FunctionalInterface
  public interface Connecting {
    Connection connect() throws SQLException, IOException;
  }

  private final Connecting database;
  private final IntegratorSettings settings;
  private final Publishing publishing;
  private final Clock clock;
  private final Thread thread;
  private final LongAdder alarms = new LongAdder();
  private final SafetyCheck safety;
  private volatile IntegratorState state = new IntegratorState.Standby("starting");
  private volatile boolean ended;

  private @Nullable Connection connection;
  private @Nullable Tree tree;
  private @Nullable Checkpoint newestSigned;

  /** What is in the tree, as this process knows it. */
  private static final class Tree {
    private final TreeStore store;
    private final ChainTails tails;
    private final Map<ChainId, Head> heads;
    private final Set<ChainId> leftOut = new HashSet<>();
    private TreeEdge edge;
    private Instant signedAt = Instant.EPOCH;

    Tree(TreeStore store, ChainTails tails, Map<ChainId, Head> heads, TreeEdge edge) {
      this.store = store;
      this.tails = tails;
      this.heads = heads;
      this.edge = edge;
    }
  }

  /** Not the tree: the server. Another one may answer the next connection. */
  private static final class Unsafe extends Exception {
    private static final long serialVersionUID = 1L;

    Unsafe(String sentence) {
      super(sentence, null, false, false);
    }
  }

  private Integrator(
      Connecting database, IntegratorSettings settings, Publishing publishing, Clock clock) {
    this.database = database;
    this.settings = settings;
    this.safety = new SafetyCheck(settings.requireStandby());
    this.publishing = publishing;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("obolus-audit-integrator").unstarted(this::run);
  }

  /** Starts; returns at once. */
  public static Integrator start(
      Connecting database, IntegratorSettings settings, Publishing publishing, Clock clock) {
    Integrator integrator = new Integrator(database, settings, publishing, clock);
    integrator.thread.start();
    return integrator;
  }

  public IntegratorState state() {
    return state;
  }

  /** How often something was found that must not be signed. */
  public long alarms() {
    return alarms.sum();
  }

  /** Signs what there is, then ends. Blocks for some seconds at most. */
  @Override
  public void close() {
    ended = true;
    LockSupport.unpark(thread);
    try {
      boolean _ = thread.join(ENDING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    publishing.close();
  }

  private void run() {
    while (!ended) {
      LockSupport.parkNanos(this, turn().toNanos());
    }
    if (tree != null) {
      Duration _ = turn();
    }
    disconnect();
  }

  /** One look; answers how long to wait for the next. */
  private Duration turn() {
    try {
      if (!leased()) {
        return RETRY;
      }
      if (tree == null) {
        tree = load();
      }
      return integrate(tree) ? Duration.ZERO : settings.every();
    } catch (Unsound e) {
      alarm(String.valueOf(e.getMessage()));
      forget();
      return LOOK_AGAIN;
    } catch (TreeStore.Missing e) {
      alarm(String.valueOf(e.getMessage()));
      forget();
      return LOOK_AGAIN;
    } catch (Unsafe e) {
      alarm(String.valueOf(e.getMessage()));
      disconnect();
      return LOOK_AGAIN;
    } catch (SQLException | IOException e) {
      standby("the database does not answer: " + e.getMessage());
      disconnect();
      return RETRY;
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("audit integrator fault");
      standby("fault: " + e.getClass().getSimpleName());
      disconnect();
      return RETRY;
    }
  }

  private boolean leased() throws SQLException, IOException {
    if (connection != null) {
      return true;
    }
    Connection fresh = database.connect();
    if (lease(fresh)) {
      connection = fresh;
      return true;
    }
    fresh.close();
    standby("another gateway is at work");
    return false;
  }

  private static boolean lease(Connection fresh) throws SQLException {
    try (Statement statement = fresh.createStatement()) {
      boolean _ = statement.execute(AS_THE_WRITER);
      try (ResultSet row =
          statement.executeQuery("SELECT pg_try_advisory_lock(" + LEASE_CLASS + ", 1)")) {
        boolean ours = row.next() && row.getBoolean(1);
        fresh.setAutoCommit(false);
        return ours;
      }
    }
  }

  private Tree load() throws SQLException, IOException, Unsound, Unsafe {
    safe();
    settle();
    TreeStore store = new TreeStore(java.util.Objects.requireNonNull(connection));
    Optional<TreeStore.Signed> newest = store.newest();
    long size = 0;
    if (newest.isPresent()) {
      size = ours(newest.get()).size();
    }
    notBehind(size, store);
    Map<ChainId, Head> heads = new HashMap<>(store.integrated());
    ChainTails tails = new ChainTails(settings.roots(), settings.revoked(), store.revoked());
    tails.compare(heads, store.heads());
    TreeEdge edge = TreeEdge.of(size, store);
    if (newest.isPresent()
        && !edge.root().equals(Checkpoint.parse(newest.get().note().text()).root())) {
      throw new Unsound(
          "the newest entries of the tree are not those that were signed at size " + size);
    }
    connectionOf().rollback();
    publishing.confirm(newest.map(TreeStore.Signed::note).orElseGet(this::nothing));
    return new Tree(store, tails, heads, edge);
  }

  /** The empty tree, which every tree goes on from: what is shown where nothing is stored. */
  private SignedNote nothing() {
    return settings
        .key()
        .sign(new Checkpoint(settings.key().name(), 0, new TreeEdge().root()), clock.instant());
  }

  /** A checkpoint that the database shows: signed by us, or not to be gone on from. */
  private Checkpoint ours(TreeStore.Signed signed) throws Unsound {
    SignedNote note = signed.note();
    Checkpoint checkpoint = Checkpoint.parse(note.text());
    if (!NoteKey.signed(note, settings.trusted())
        || checkpoint.size() != signed.size()
        || !checkpoint.origin().equals(settings.key().name())) {
      throw new Unsound(
          "the checkpoint of size "
              + signed.size()
              + " was not signed with this log's key, nor with one before it that is set");
    }
    return checkpoint;
  }

  /** Whatever we signed, here or as others kept it, must be in the tree that is gone on from. */
  private void notBehind(long size, TreeStore store) throws SQLException, IOException, Unsound {
    List<Checkpoint> known = new ArrayList<>(publishing.kept(settings.trusted()));
    if (newestSigned != null) {
      known.add(newestSigned);
    }
    for (Checkpoint signed : known) {
      if (signed.size() > size) {
        throw new Unsound(
            "the database was set back: a tree of "
                + signed.size()
                + " was signed, and its newest checkpoint is of "
                + size);
      }
      if (!new Proofs(store, signed.size()).root().equals(signed.root())) {
        throw new Unsound("the tree is not the one that was signed at size " + signed.size());
      }
    }
  }

  /** Takes in what is new and signs; answers whether there is more. */
  private boolean integrate(Tree known) throws SQLException, Unsound, Unsafe {
    Optional<String> objection = publishing.objection();
    if (objection.isPresent()) {
      throw new Unsound(objection.get());
    }
    Map<ChainId, Head> heads = known.store.heads();
    known.tails.compare(known.heads, heads);
    TreeEdge edge = known.edge.copy();
    List<TreeStore.Span> spans = new ArrayList<>();
    List<TreeEdge.Tile> tiles = new ArrayList<>();
    List<Head> grown = new ArrayList<>();
    List<Prune> prunes = new ArrayList<>();
    int left = RECORDS_AT_ONCE;
    for (Head head : heads.values()) {
      Head from = known.heads.getOrDefault(head.chain(), ChainTails.beginning(head.chain()));
      if (head.seq() == from.seq()
          || left == 0
          || grown.size() == Heads.MOST
          || known.leftOut.contains(head.chain())) {
        continue;
      }
      long firstIndex = edge.size();
      Head last;
      try {
        last =
            known.tails.advance(
                known.store,
                from,
                head,
                left,
                (chain, row) -> {
                  tiles.addAll(edge.addLeaf(row.leaf()));
                  PruneNote.of(settings.key().name(), chain, row)
                      .ifPresent(text -> prunes.add(new Prune(chain, row, text)));
                });
      } catch (ChainTails.Presumed e) {
        leaveOut(known, head.chain(), String.valueOf(e.getMessage()));
        continue;
      }
      int leaves = (int) (last.seq() - from.seq());
      spans.add(
          new TreeStore.Span(
              firstIndex,
              leaves,
              Optional.of(new TreeStore.Run(head.chain(), from.seq() + 1, last.mac())),
              Optional.empty()));
      grown.add(last);
      left -= leaves;
    }
    Instant now = clock.instant();
    if (grown.isEmpty() && Duration.between(known.signedAt, now).compareTo(settings.beat()) < 0) {
      connectionOf().rollback();
      signing(known);
      return false;
    }
    for (Prune prune : prunes) {
      note(known, prune, now);
    }
    sign(known, edge, spans, tiles, grown, now);
    return left == 0 || grown.size() == Heads.MOST;
  }

  private void leaveOut(Tree known, ChainId chain, String sentence) {
    boolean _ = known.leftOut.add(chain);
    alarms.increment();
    LOG.atError().addKeyValue("reason", sentence).log("audit chain is left out of the tree");
  }

  /** A sealed prune that is in the tree from now on: the log says so in a note too. */
  private record Prune(ChainId chain, TreeStore.Row row, String text) {}

  private void note(Tree known, Prune prune, Instant now) throws SQLException {
    long seq = prune.row().seq();
    if (new PruneApproval(known.store, known.tails).stands(prune.row().canonical())) {
      known.store.addPrune(prune.chain(), seq, settings.key().signManifest(prune.text(), now), now);
    } else {
      alarms.increment();
      LOG.atError()
          .addKeyValue("chain", prune.chain())
          .addKeyValue("seq", seq)
          .log("audit prune is not signed: two people's words for it are not on record");
    }
  }

  private void sign(
      Tree known,
      TreeEdge edge,
      List<TreeStore.Span> spans,
      List<TreeEdge.Tile> tiles,
      List<Head> grown,
      Instant now)
      throws SQLException, Unsound, Unsafe {
    safe();
    Map<ChainId, Head> after = new HashMap<>(known.heads);
    grown.forEach(head -> after.put(head.chain(), head));
    byte[] entry = new Heads(now, after.size(), grown).entry();
    spans.add(new TreeStore.Span(edge.size(), 1, Optional.empty(), Optional.of(Bytes.of(entry))));
    tiles.addAll(edge.add(entry));
    Checkpoint checkpoint = new Checkpoint(settings.key().name(), edge.size(), edge.root());
    if (newestSigned != null && checkpoint.size() <= newestSigned.size()) {
      throw new Unsound("a size of " + checkpoint.size() + " is not above the newest signed one");
    }
    SignedNote note = settings.key().sign(checkpoint, now);
    TreeStore.Signed signed = new TreeStore.Signed(checkpoint.size(), note);
    known.store.add(spans, tiles, signed, now);
    commit();
    newestSigned = checkpoint;
    known.edge = edge;
    known.heads.putAll(after);
    known.signedAt = now;
    signing(known);
    publishing.publish(checkpoint, note);
  }

  /** By the rules of the log's writer, whose records these are. */
  private void safe() throws SQLException, Unsafe {
    List<String> faults = safety.look(connectionOf());
    if (!faults.isEmpty()) {
      throw new Unsafe("nothing is signed on this database: " + String.join("; ", faults));
    }
  }

  /**
   * A checkpoint may stand here alone, by a wait that was ended: a commit that is waited for ends
   * that.
   */
  private void settle() throws SQLException, Unsafe {
    if (safety.waitsForStandby()) {
      try (Statement statement = connectionOf().createStatement()) {
        boolean _ = statement.execute("SELECT pg_logical_emit_message(true, 'obolus', '')");
      }
      commit();
    }
  }

  /** Fails if the server has anything to remark: nobody knows then whether a standby has it. */
  private void commit() throws SQLException, Unsafe {
    connectionOf().clearWarnings();
    connectionOf().commit();
    SQLWarning remark = connectionOf().getWarnings();
    if (remark != null) {
      throw new Unsafe(
          "what is to be signed was committed on this server alone: " + remark.getSQLState());
    }
  }

  private void signing(Tree known) {
    if (!(state instanceof IntegratorState.Signing)) {
      LOG.atInfo().addKeyValue("size", known.edge.size()).log("audit checkpoints are being signed");
    }
    state = new IntegratorState.Signing(known.edge.size(), known.signedAt);
  }

  /** For whoever finds out elsewhere that the log has been seen with another history. */
  private void alarm(String sentence) {
    IntegratorState stopped = new IntegratorState.Stopped(sentence);
    if (!stopped.equals(state)) {
      alarms.increment();
      LOG.atError().addKeyValue("reason", sentence).log("audit checkpoints are no longer signed");
    }
    state = stopped;
  }

  private void standby(String reason) {
    if (!new IntegratorState.Standby(reason).equals(state)) {
      LOG.atInfo().addKeyValue("reason", reason).log("audit integrator stands by");
    }
    state = new IntegratorState.Standby(reason);
  }

  private Connection connectionOf() {
    return java.util.Objects.requireNonNull(connection);
  }

  /** Looks at everything anew at the next turn, and keeps the lease. */
  private void forget() {
    tree = null;
    try {
      connectionOf().rollback();
    } catch (SQLException e) {
      disconnect();
    }
  }

  private void disconnect() {
    tree = null;
    Connection old = connection;
    connection = null;
    if (old != null) {
      try {
        old.close();
      } catch (SQLException e) {
        LOG.atDebug().setCause(e).log("audit integrator's connection did not close");
      }
    }
  }
}
