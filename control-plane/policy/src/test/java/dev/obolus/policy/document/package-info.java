// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
/** Tests of the documents. */
@NullMarked
package dev.obolus.policy.document;

import org.jspecify.annotations.NullMarked;
