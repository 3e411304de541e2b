// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.obolus.audit.ChainId;
import dev.obolus.audit.chain.Chain;
import dev.obolus.audit.chain.IssuedKey;
import dev.obolus.audit.chain.Keyring;
import dev.obolus.audit.chain.RootKey;
import dev.obolus.audit.chain.Sealable;
import dev.obolus.audit.chain.SealedRecord;
import dev.obolus.audit.chain.ValueSeal;
import dev.obolus.audit.postgres.LogFixture;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What somebody does who has taken a gateway over, and the database too, where keys are issued: he
 * has the key of that gateway's chain, and no other.
 */
public final class StolenKey {
  private static final int KEY_ID_AT = 1 + ChainId.LENGTH + Integer.BYTES;
  private static final int EPOCH = 202611;

  private final byte[] issued;

  /** Of that chain, as the signer issued it. */
  StolenKey(RootKey root, ChainId chain) {
    this(Keyring.of(root).issue(chain, EPOCH, List.of()));
  }

  public StolenKey(IssuedKey issued) {
    this.issued = issued.toBytes();
  }

  /** A key that says it is of another chain. */
  public StolenKey pretending(ChainId chain) {
    byte[] forged = issued.clone();
    System.arraycopy(chain.bytes().toArray(), 0, forged, 1, ChainId.LENGTH);
    return new StolenKey(forged);
  }

  private StolenKey(byte[] issued) {
    this.issued = issued;
  }

  /** A chain of two records, as sound as this key can make it. */
  public void write(Connection database) throws SQLException {
    write(database, List.of());
  }

  /** The same, dated by this clock. */
  void write(Connection database, Clock clock) throws SQLException {
    write(database, List.of(), clock);
  }

  /** The same; the first of them revokes these root keys. */
  void write(Connection database, List<String> revoked) throws SQLException {
    write(database, revoked, Clock.systemUTC());
  }

  private void write(Connection database, List<String> revoked, Clock clock) throws SQLException {
    Chain chain = new Chain("obolus/test", IssuedKey.ofBytes(issued), new SecureRandom(), clock);
    add(
        database,
        chain,
        chain.seal(
            new Sealable.Open(
                Map.of(), List.of(), chain.keyCommitment(), "-", Optional.empty(), revoked),
            Integer.MAX_VALUE));
    add(
        database,
        chain,
        chain.seal(new Sealable.Event(LogFixture.rejected(), ValueSeal.NONE), Integer.MAX_VALUE));
    try (PreparedStatement head =
        database.prepareStatement(
            "INSERT INTO obolus.audit_head (chain, epoch, seq, mac) VALUES (?, ?, 2, ?)")) {
      head.setBytes(1, chain.id().bytes().toArray());
      head.setInt(2, chain.epoch());
      head.setBytes(3, chain.head().toArray());
      assertThat(head.executeUpdate()).isEqualTo(1);
    }
  }

  private static void add(Connection database, Chain chain, SealedRecord record)
      throws SQLException {
    try (PreparedStatement row =
        database.prepareStatement(
            "INSERT INTO obolus.audit_record (epoch, chain, seq, tenant, tenant_seq, event_id,"
                + " key_id, at_us, code, event, person, resources, reasons, canonical, leaf,"
                + " prev_mac, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '-', '{}', '{}', ?, ?, ?,"
                + " ?)")) {
      row.setInt(1, chain.epoch());
      row.setBytes(2, chain.id().bytes().toArray());
      row.setLong(3, record.seq());
      row.setString(4, record.tenant());
      row.setLong(5, record.tenantSeq());
      row.setObject(6, record.eventId());
      row.setString(7, record.keyId());
      row.setLong(8, record.atMicros());
      row.setString(9, record.code().name());
      row.setString(10, record.code().event());
      row.setBytes(11, record.canonical().toArray());
      row.setBytes(12, record.leaf().toArray());
      row.setBytes(13, record.prevMac().toArray());
      row.setBytes(14, record.mac().toArray());
      assertThat(row.executeUpdate()).isEqualTo(1);
    }
  }

  /** Seals a chain's rows anew as they are now, from a record on, and its head. */
  void sealAgain(Connection database, ChainId chain, long from) throws SQLException {
    try (Statement statement = database.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT seq, leaf, prev_mac FROM obolus.audit_record WHERE seq >= "
                    + from
                    + " AND chain = '\\x"
                    + chain
                    + "' ORDER BY seq")) {
      byte[] before = new byte[0];
      long seq = 0;
      while (rows.next()) {
        before = before.length == 0 ? rows.getBytes(3) : before;
        seq = rows.getLong(1);
        byte[] sealed = mac(chain, seq, before, rows.getBytes(2));
        update(database, "audit_record SET prev_mac = ?, mac = ?", chain, seq, before, sealed);
        before = sealed;
      }
      assertThat(seq).isGreaterThan(from);
      update(database, "audit_head SET mac = ?", chain, seq, before);
    }
  }

  private static void update(
      Connection database, String what, ChainId chain, long seq, byte[]... macs)
      throws SQLException {
    try (PreparedStatement update =
        database.prepareStatement(
            "UPDATE obolus." + what + " WHERE seq = " + seq + " AND chain = '\\x" + chain + "'")) {
      for (int i = 0; i < macs.length; i++) {
        update.setBytes(i + 1, macs[i]);
      }
      assertThat(update.executeUpdate()).isEqualTo(1);
    }
  }

  private byte[] mac(ChainId chain, long seq, byte[] before, byte[] leaf) {
    try {
      int keyAt = KEY_ID_AT + Short.BYTES + ByteBuffer.wrap(issued).getShort(KEY_ID_AT);
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(Arrays.copyOfRange(issued, keyAt, keyAt + 32), "HmacSHA256"));
      mac.update(VerifierKey.domain("entry"));
      mac.update(chain.bytes().toArray());
      mac.update(ByteBuffer.allocate(Long.BYTES).putLong(seq).array());
      mac.update(before);
      return mac.doFinal(leaf);
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
