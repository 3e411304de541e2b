// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.fsck;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampToken;

/**
 * The RFC 3161 authorities that an auditor trusts, by the certificates that they sign with. A
 * certificate is trusted as it is given: neither its issuers nor its revocation are looked at.
 */
public final class TimeStamps {
  /** None trusted: stamps are not looked at. */
  static final TimeStamps NONE = new TimeStamps(List.of());

  private final List<X509Certificate> trusted;

  private TimeStamps(List<X509Certificate> trusted) {
    this.trusted = List.copyOf(trusted);
  }

  /** Reads certificates, each a PEM or DER file. */
  public static TimeStamps read(List<Path> files) throws IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Path file : files) {
      try {
        certificates.add(
            (X509Certificate)
                CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file))));
      } catch (CertificateException e) {
        throw new IOException("not a certificate: " + file, e);
      }
    }
    return new TimeStamps(certificates);
  }

  /**
   * The newest checkpoint that each trusted authority dated, after every stamp of theirs was
   * checked.
   */
  Map<String, Verification.Stamp> check(Connection connection) throws SQLException, TreeFaulty {
    Map<String, Verification.Stamp> stamps = new TreeMap<>();
    if (trusted.isEmpty()) {
      return stamps;
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT t.size, t.authority, t.token, c.note FROM obolus.audit_timestamp t"
                    + " JOIN obolus.audit_checkpoint c USING (size) ORDER BY size")) {
      while (rows.next()) {
        for (X509Certificate authority : trusted) {
          if (authority.getSubjectX500Principal().getName().equals(rows.getString(2))) {
            long size = rows.getLong(1);
            Instant at = time(size, rows.getBytes(3), rows.getString(4), authority);
            stamps.put(rows.getString(2), new Verification.Stamp(size, at));
          }
        }
      }
    }
    return stamps;
  }

  private static Instant time(long size, byte[] token, String note, X509Certificate authority)
      throws TreeFaulty {
    try {
      TimeStampToken stamp = new TimeStampToken(new CMSSignedData(token));
      stamp.validate(new JcaSimpleSignerInfoVerifierBuilder().build(authority));
      byte[] digest = ChainCheck.sha256().digest(note.getBytes(StandardCharsets.UTF_8));
      if (Arrays.equals(stamp.getTimeStampInfo().getMessageImprintDigest(), digest)) {
        return stamp.getTimeStampInfo().getGenTime().toInstant();
      }
    } catch (TSPException
        | IOException
        | CMSException
        | OperatorCreationException
        | RuntimeException e) {
      throw new TreeFaulty(
          size,
          Fault.SIGNATURE,
          "the time stamp of the checkpoint of size " + size + " is not the authority's");
    }
    throw new TreeFaulty(
        size,
        Fault.SIGNATURE,
        "the time stamp of the checkpoint of size " + size + " is of something else");
  }
}
