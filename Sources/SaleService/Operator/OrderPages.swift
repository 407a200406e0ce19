package import SaleCore

/// However many orders there are, one page is in memory; the next is read when it is asked for.
package struct OrderPages: AsyncSequence, Sendable {
    let orders: OrderOperations
    let filter: OrderFilter
    let cursor: OrderID?
    let countMax: Int

    package func makeAsyncIterator() -> Iterator { Iterator(pages: self, cursor: cursor, left: countMax) }

    package struct Iterator: AsyncIteratorProtocol {
        let pages: OrderPages
        var cursor: OrderID?
        var left: Int

        package mutating func next() async throws -> [Order]? {
            guard left > 0 else { return nil }
            let count = Swift.min(Limits.operatorPageMax, left)
            let page = try await pages.orders.orders(pages.filter, before: cursor, countMax: count)
            left = page.count == count ? left - count : 0
            cursor = page.last?.id
            return page.isEmpty ? nil : page
        }
    }
}
