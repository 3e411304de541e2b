// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the audit log is written.
 *
 * @param passwordFile of the gateway's database role, its owner's alone
 * @param rootKeyFile 64 hex digits, its owner's alone
 * @param checkpointKeyFile the log's signing key, as {@code obolus audit keygen} makes it; a
 *     gateway without it signs no checkpoints
 */
@ConfigurationProperties("obolus.audit")
record AuditSettings(
    @DefaultValue("127.0.0.1") String host,
    @DefaultValue("5432") int port,
    @DefaultValue("obolus") String database,
    @DefaultValue("obolus_gateway") String username,
    @Nullable Path passwordFile,
    @Nullable Path rootKeyFile,
    @Nullable Path checkpointKeyFile) {}
