/** A unified diff as git prints it: two files changed, one new, one binary. */
export const patch = `diff --git a/src/pricing.js b/src/pricing.js
index 5d1c0aa..b7e3f02 100644
--- a/src/pricing.js
+++ b/src/pricing.js
@@ -8,12 +8,18 @@ const cents = (amount) => Math.round(amount * 100) / 100;
 
 /** The price of an order: its lines, less the discount, plus tax. */
 export function priceOrder(order) {
   const sum = order.lines.reduce((total, line) => total + line.price * line.count, 0);
-  // percent is 0 to 100
-  const discount = sum * (order.discount.percent / 100);
-  return cents((sum - discount) * (1 + order.taxRate));
+  return cents(sum * (1 - discountOf(order)) * (1 + order.taxRate));
+}
+
+/**
+ * The discount as a share of 1. The importer sends null where an order has no code.
+ */
+export function discountOf(order) {
+  return (order.discount?.percent ?? 0) / 100;
 }
 
 export function priceLine(line) {
   return cents(line.price * line.count);
 }
diff --git a/src/invoice.js b/src/invoice.js
index 1f20be1..90ad3f1 100644
--- a/src/invoice.js
+++ b/src/invoice.js
@@ -1,9 +1,10 @@
 import { formatMoney } from './money.js';
-import { priceOrder } from './pricing.js';
+import { discountOf, priceOrder } from './pricing.js';
 
 export function invoice(order) {
   return {
     total: formatMoney(priceOrder(order)),
-    discount: order.discount.percent + ' %',
+    // A share of 1, shown in percent.
+    discount: discountOf(order) * 100 + ' %',
   };
 }
diff --git a/test/pricing.test.js b/test/pricing.test.js
new file mode 100644
index 0000000..c61fd28
--- /dev/null
+++ b/test/pricing.test.js
@@ -0,0 +1,24 @@
+import assert from 'node:assert/strict';
+import { test } from 'node:test';
+import { priceOrder } from '../src/pricing.js';
+
+const order = (change) => ({
+  lines: [{ price: 10, count: 2 }],
+  discount: null,
+  taxRate: 0.19,
+  ...change,
+});
+
+test('prices an order without a discount', () => {
+  assert.equal(priceOrder(order({})), 23.8);
+});
+
+test('adds tax after the discount', () => {
+  const discounted = order({ discount: { percent: 50 } });
+  assert.equal(priceOrder(discounted), 11.9);
+});
+
+test('rounds to cents', () => {
+  const odd = order({ lines: [{ price: 0.333, count: 1 }] });
+  assert.equal(priceOrder(odd), 0.4);
+});
diff --git a/docs/flow.png b/docs/flow.png
index 88aa21c..02bb9e1 100644
Binary files a/docs/flow.png and b/docs/flow.png differ
`;
