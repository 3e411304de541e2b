// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/** What the deployed shape promises, read from the files that describe it. */
@NullMarked
package dev.obolus.distribution;

import org.jspecify.annotations.NullMarked;
