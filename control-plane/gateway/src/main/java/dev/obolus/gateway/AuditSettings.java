// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the audit log is written.
 *
 * @param requireStandby whether nothing is served unless PostgreSQL names a synchronous standby
 * @param passwordFile of the gateway's database role, its owner's alone
 * @param enrolmentKeyFile 64 hex digits, its owner's alone: a gateway with it holds no root key,
 *     and the log's signer issues the key of each chain that it opens
 * @param publicKeysFile the log's public keys, as {@code obolus audit keygen} writes them: what a
 *     gateway without the root key verifies by
 * @param rootKeyFile 64 hex digits, or a PKCS #12 file that ends in {@code .p12}, its owner's
 *     alone; or {@code obolus.audit.vault.root}; of the log's signer, or of a gateway that seals
 *     and signs by itself
 * @param rootKeyPasswordFile of root keys in PKCS #12, its owner's alone
 * @param previousRootKeyFile the root key before this one, after a rotation: the first chain under
 *     the new key is handed over to by the old one
 * @param revokedKeys ids of root keys that nothing may be sealed under from now on
 * @param checkpointKeyFile the log's signing key, as {@code obolus audit keygen} makes it; a
 *     gateway without it signs no checkpoints
 * @param previousPublicKeysFile the public keys before {@code checkpointKeyFile}'s, of the same
 *     log: the newest checkpoint may be signed with these, the next ones are not
 * @param valueKeyFile or {@code obolus.audit.vault.value-key}: key-encryption keys of personal
 *     values, a line each, the last in use; in a folder that the gateway may write to, its owner's
 *     alone
 * @param checkpointCopies a directory where checkpoints are written once, best one whose owner is
 *     somebody else
 * @param witnesses who cosign
 * @param timestampUrl an RFC 3161 authority that dates checkpoints every hour
 * @param timestampCertificateFile what it signs with, in PEM or DER
 */
@ConfigurationProperties("obolus.audit")
record AuditSettings(
    @DefaultValue("127.0.0.1") String host,
    @DefaultValue("5432") int port,
    @DefaultValue("obolus") String database,
    @DefaultValue("obolus_gateway") String username,
    @DefaultValue("false") boolean requireStandby,
    @Nullable Path passwordFile,
    @Nullable Path enrolmentKeyFile,
    @Nullable Path publicKeysFile,
    @Nullable Path rootKeyFile,
    @Nullable Path rootKeyPasswordFile,
    @Nullable Path previousRootKeyFile,
    @DefaultValue List<String> revokedKeys,
    @Nullable Path checkpointKeyFile,
    @Nullable Path previousPublicKeysFile,
    @Nullable Path valueKeyFile,
    @Nullable Path checkpointCopies,
    @DefaultValue List<WitnessAt> witnesses,
    @Nullable URI timestampUrl,
    @Nullable Path timestampCertificateFile) {

  /**
   * A witness.
   *
   * @param url its submission prefix
   * @param publicKeysFile its public keys, as {@code obolus audit keygen --witness} writes them
   */
  record WitnessAt(URI url, Path publicKeysFile) {}
}
