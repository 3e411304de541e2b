// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/** The whole product: the very jars as processes, a real database, requests from outside. */
@NullMarked
package dev.obolus.e2e;

import org.jspecify.annotations.NullMarked;
