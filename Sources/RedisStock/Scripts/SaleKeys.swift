import NIOCore
package import SaleCore

/// The names of one sale's keys. The braces make all of them hash to one slot of a cluster; `0` is
/// the bucket.
struct SaleKeys: Sendable {
    let sale: String
    let stock: String
    let buyers: String
    let keys: String
    let log: String

    init(_ id: SaleID) {
        let prefix = "seckill:{\(id.rawValue):0}:"
        sale = prefix + "sale"
        stock = prefix + "stock"
        buyers = prefix + "buyers"
        keys = prefix + "keys"
        log = prefix + "log"
    }

    /// The record of changes of all sales: see `changes.lua`.
    static let changes = "seckill:changes"

    /// The sale whose key `sale` this is.
    static func sale(named key: some StringProtocol) -> SaleID? {
        guard key.hasPrefix("seckill:{"), key.hasSuffix(":0}:sale") else { return nil }
        return SaleID(stored: String(key.dropFirst(9).dropLast(8)))
    }

    /// What `reserve_item.lua` gets.
    var withoutKeys: [String] { [sale, stock, buyers, log, Self.changes] }
    /// What the other scripts of purchases get.
    var all: [String] { [sale, stock, buyers, keys, log, Self.changes] }
    /// What the scripts of recovery and operators get.
    var books: [String] { [sale, stock, buyers, keys, Self.changes] }
}

/// What is the same in every call for one sale, written once.
package struct PreparedCalls: Sendable {
    let keys: SaleKeys
    /// `EVALSHA <reserve> 6 <keys>`, without the array's header.
    let reserve: ByteBuffer
    static let reserveWordCount = 9
    /// `EVALSHA <reserve_item> 5 <keys>`, without the array's header.
    let reserveItem: ByteBuffer
    static let reserveItemWordCount = 8
    /// `EVALSHA <settle> 6 <keys>`, without the array's header.
    let settle: ByteBuffer
    static let settleWordCount = 9

    package init(_ id: SaleID) {
        keys = SaleKeys(id)
        reserve = Self.evalsha(.reserve, keys.all)
        reserveItem = Self.evalsha(.reserveItem, keys.withoutKeys)
        settle = Self.evalsha(.settle, keys.all)
    }

    private static func evalsha(_ script: StockScript, _ keys: [String]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeWord("EVALSHA")
        buffer.writeWord(script.digest)
        buffer.writeWord(Int64(keys.count))
        for key in keys { buffer.writeWord(key) }
        return buffer
    }
}

/// Prepared calls per sale. Bounded, because names of sales come from outside; forgetting one costs
/// a microsecond.
struct PreparedCallCache {
    static let salesMax = 1_024
    private var calls: [SaleID: PreparedCalls] = [:]

    mutating func calls(of sale: SaleID) -> PreparedCalls {
        if let known = calls[sale] { return known }
        if calls.count >= Self.salesMax { calls.removeAll(keepingCapacity: true) }
        let prepared = PreparedCalls(sale)
        calls[sale] = prepared
        return prepared
    }
}
