// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The log's signer, a process of its own.
 *
 * @param enrolments a folder with a file {@code <name>.key} for each gateway that may ask for keys:
 *     64 hex digits, the same as in that gateway's {@code obolus.audit.enrolment-key-file}
 * @param port where {@code GET /health} answers, on {@code server.address}
 */
@ConfigurationProperties("obolus.signer")
record SignerSettings(@Nullable Path enrolments, @DefaultValue("8083") int port) {}
