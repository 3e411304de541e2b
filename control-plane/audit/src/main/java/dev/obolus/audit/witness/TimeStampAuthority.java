// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.witness;

import dev.obolus.audit.Bytes;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampToken;

/**
 * An RFC 3161 authority that dates checkpoints, with the certificate that it signs with. Blocks.
 */
public final class TimeStampAuthority {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MAX_ANSWER = 64 * 1024;

  private final URI url;
  private final X509Certificate certificate;
  private final HttpClient http;
  private final SecureRandom random;

  public TimeStampAuthority(
      URI url, X509Certificate certificate, HttpClient http, SecureRandom random) {
    this.url = url;
    this.certificate = certificate;
    this.http = http;
    this.random = random;
  }

  /** The name it is stored under. */
  public String name() {
    return certificate.getSubjectX500Principal().getName();
  }

  /** Asks for a time stamp of a note; answers a token that was checked. */
  public Bytes stamp(String note) throws IOException, InterruptedException {
    try {
      TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
      generator.setCertReq(true);
      TimeStampRequest request =
          generator.generate(TSPAlgorithms.SHA256, digest(note), new BigInteger(64, random));
      HttpResponse<byte[]> answer =
          http.send(
              HttpRequest.newBuilder(url)
                  .timeout(PATIENCE)
                  .header("Content-Type", "application/timestamp-query")
                  .POST(BodyPublishers.ofByteArray(request.getEncoded()))
                  .build(),
              BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER));
      if (answer.statusCode() != 200) {
        throw new IOException("the time-stamping authority answers " + answer.statusCode());
      }
      TimeStampResponse response = new TimeStampResponse(answer.body());
      response.validate(request);
      TimeStampToken token = response.getTimeStampToken();
      if (token == null) {
        throw new IOException("the time-stamping authority gives no token");
      }
      Bytes encoded = Bytes.of(token.getEncoded());
      Instant _ = time(encoded, note, certificate);
      return encoded;
    } catch (TSPException e) {
      throw new IOException("the time-stamping authority answers something else", e);
    }
  }

  /** When the authority saw the note; fails if the token is not of this note and certificate. */
  public static Instant time(Bytes token, String note, X509Certificate certificate)
      throws IOException {
    try {
      TimeStampToken read =
          new TimeStampToken(new org.bouncycastle.cms.CMSSignedData(token.toArray()));
      read.validate(new JcaSimpleSignerInfoVerifierBuilder().build(certificate));
      if (!Arrays.equals(read.getTimeStampInfo().getMessageImprintDigest(), digest(note))) {
        throw new IOException("the time stamp is of something else");
      }
      return read.getTimeStampInfo().getGenTime().toInstant();
    } catch (TSPException | OperatorCreationException | org.bouncycastle.cms.CMSException e) {
      throw new IOException("the time stamp is not the authority's", e);
    }
  }

  private static byte[] digest(String note) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(note.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
