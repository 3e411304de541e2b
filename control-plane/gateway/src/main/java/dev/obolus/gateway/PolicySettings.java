// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How requests are decided.
 *
 * @param facts a folder, in a demo only
 * @param sources of the policy, watched for changes, in a demo only
 * @param opa the program that checks and compiles those sources
 * @param budget of one evaluation, in processor time
 */
@ConfigurationProperties("obolus.policy")
record PolicySettings(
    @Nullable Path facts,
    @Nullable Path sources,
    @Nullable Path opa,
    @DefaultValue("100ms") Duration budget) {}
