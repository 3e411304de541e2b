// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.integrator;

import dev.obolus.audit.Bytes;
import dev.obolus.audit.tree.Checkpoint;
import dev.obolus.audit.tree.NoteKey;
import dev.obolus.audit.tree.Proofs;
import dev.obolus.audit.tree.SignedNote;
import dev.obolus.audit.witness.TimeStampAuthority;
import dev.obolus.audit.witness.WitnessClient;
import dev.obolus.audit.witness.WriteOnce;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes checkpoints to witnesses, copies and time-stamping authorities, the newest at a time, on a
 * thread of its own: who is slow misses some, and nobody waits. Blocks there.
 */
public final class Publisher implements Publishing {
  private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);
  private static final Duration ENDING = Duration.ofSeconds(5);

  /**
   * Where to.
   *
   * @param copies written every {@code every}
   * @param witnesses asked every {@code every}
   * @param authorities asked every {@code stampEvery}
   */
  public record Targets(
      List<WriteOnce> copies,
      List<WitnessClient> witnesses,
      List<TimeStampAuthority> authorities,
      Duration every,
      Duration stampEvery) {
    public Targets {
      copies = List.copyOf(copies);
      witnesses = List.copyOf(witnesses);
      authorities = List.copyOf(authorities);
    }
  }

  private final Integrator.Connecting database;
  private final Targets targets;
  private final Clock clock;
  private final Map<String, String> objections = new ConcurrentHashMap<>();
  private final Thread thread =
      Thread.ofPlatform().daemon().name("obolus-audit-publisher").unstarted(this::run);
  private volatile long newest;
  private volatile long settled;
  private volatile boolean ended;
  private long published;
  private Instant due = Instant.EPOCH;
  private Instant stampDue = Instant.EPOCH;

  private Publisher(Integrator.Connecting database, Targets targets, Clock clock) {
    this.database = database;
    this.targets = targets;
    this.clock = clock;
  }

  public static Publisher start(Integrator.Connecting database, Targets targets, Clock clock) {
    Publisher publisher = new Publisher(database, targets, clock);
    publisher.thread.start();
    return publisher;
  }

  @Override
  public void publish(Checkpoint checkpoint, SignedNote note) {
    settled = checkpoint.size();
    newest = checkpoint.size();
    LockSupport.unpark(thread);
  }

  @Override
  public List<Checkpoint> kept(List<NoteKey> keys) throws IOException {
    List<Checkpoint> kept = new ArrayList<>();
    for (WriteOnce copy : targets.copies()) {
      Optional<String> last = copy.last(content -> isSigned(content, keys));
      if (last.isPresent()) {
        kept.add(Checkpoint.parse(SignedNote.parse(last.get()).text()));
      }
    }
    return kept;
  }

  private static boolean isSigned(String content, List<NoteKey> keys) {
    try {
      SignedNote note = SignedNote.parse(content);
      Checkpoint checkpoint = Checkpoint.parse(note.text());
      return checkpoint.origin().equals(keys.getFirst().name()) && NoteKey.signed(note, keys);
    } catch (IllegalArgumentException e) {
      LOG.atWarn().log("a file among the kept checkpoints is none");
      return false;
    }
  }

  @Override
  public void confirm(SignedNote newest) throws SQLException, IOException {
    TreeStore.Signed signed = new TreeStore.Signed(Checkpoint.parse(newest.text()).size(), newest);
    settled = signed.size();
    if (targets.witnesses().isEmpty()) {
      return;
    }
    try (Connection connection = database.connect()) {
      for (WitnessClient witness : targets.witnesses()) {
        cosign(new TreeStore(connection), signed, witness);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("ended while witnesses were asked");
    }
  }

  @Override
  public Optional<String> objection() {
    return objections.values().stream().findFirst();
  }

  @Override
  public void close() {
    ended = true;
    LockSupport.unpark(thread);
    try {
      boolean _ = thread.join(ENDING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    boolean last = false;
    while (!last) {
      last = ended;
      Instant now = clock.instant();
      if ((newest > published || !objections.isEmpty()) && (last || !now.isBefore(due))) {
        due = now.plus(targets.every());
        round(now);
      }
      if (!last) {
        LockSupport.parkNanos(this, targets.every().toNanos());
      }
    }
  }

  private void round(Instant now) {
    try (Connection connection = database.connect()) {
      TreeStore store = new TreeStore(connection);
      Optional<TreeStore.Signed> signed = store.newest(settled); // more may stand here alone
      if (signed.isPresent()) {
        copy(signed.get());
        for (WitnessClient witness : targets.witnesses()) {
          cosign(store, signed.get(), witness);
        }
        if (!now.isBefore(stampDue)) {
          stampDue = now.plus(targets.stampEvery());
          stamp(store, signed.get());
        }
        published = signed.get().size();
      }
    } catch (SQLException | IOException e) {
      LOG.atWarn().addKeyValue("why", e.getMessage()).log("audit checkpoint was not published");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      ended = true;
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("audit publisher fault");
    }
  }

  private void copy(TreeStore.Signed signed) {
    String name = String.format(Locale.ROOT, "%019d.checkpoint", signed.size());
    for (WriteOnce copy : targets.copies()) {
      try {
        copy.put(name, signed.note().toString());
      } catch (IOException e) {
        LOG.atWarn()
            .addKeyValue("why", e.toString())
            .log("audit checkpoint was not copied: it goes to the others");
      }
    }
  }

  /** For one thread at a time: a witness's client is. */
  private synchronized void cosign(TreeStore store, TreeStore.Signed signed, WitnessClient witness)
      throws SQLException, InterruptedException {
    try {
      switch (witness.submit(signed.note(), new Proofs(store, signed.size()))) {
        case WitnessClient.Answer.Cosigned(var lines) -> {
          if (signed.size() > 0) {
            store.addCosignature(signed.size(), witness.name(), lines, clock.instant());
          }
          withdraw(witness);
        }
        case WitnessClient.Answer.Ahead(long size) -> {
          if (store.newest().map(TreeStore.Signed::size).orElse(0L) < size) {
            object(
                witness,
                "the database was set back: witness "
                    + witness.name()
                    + " cosigned a tree of "
                    + size
                    + ", and the newest checkpoint here is of "
                    + signed.size());
          }
        }
        case WitnessClient.Answer.Refused(long known) -> {
          if (signed.size() > 0) { // of the empty tree there is no other
            object(
                witness,
                "witness "
                    + witness.name()
                    + " cosigned another tree at size "
                    + known
                    + " than this log's");
          }
        }
      }
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("witness", witness.name())
          .addKeyValue("why", e.getMessage())
          .log("audit witness did not cosign");
    }
  }

  private void object(WitnessClient witness, String sentence) {
    if (!sentence.equals(objections.put(witness.name(), sentence))) {
      LOG.atError().addKeyValue("why", sentence).log("audit witness objects");
    }
  }

  /** An objection is not signed, so anybody on the way may have made it; a cosignature is. */
  private void withdraw(WitnessClient witness) {
    if (objections.remove(witness.name()) != null) {
      LOG.atWarn()
          .addKeyValue("witness", witness.name())
          .log("audit witness cosigns again: it objects no more");
    }
  }

  private void stamp(TreeStore store, TreeStore.Signed signed)
      throws SQLException, InterruptedException {
    for (TimeStampAuthority authority : targets.authorities()) {
      try {
        Bytes token = authority.stamp(signed.note().toString());
        store.addTimeStamp(signed.size(), authority.name(), token, clock.instant());
      } catch (IOException e) {
        LOG.atWarn()
            .addKeyValue("authority", authority.name())
            .addKeyValue("why", e.getMessage())
            .log("audit checkpoint was not time-stamped");
      }
    }
  }
}
