// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
@NullMarked
package dev.obolus.connector.obo;

import org.jspecify.annotations.NullMarked;
