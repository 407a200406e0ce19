/// A Lua file of this target, with what stands before it, and the name that Redis gives it.
struct StockScript: Sendable {
    let text: [UInt8]
    /// Forty hexadecimal digits, for `EVALSHA`.
    let digest: [UInt8]

    private init(_ text: [UInt8]) {
        self.text = text
        self.digest = SHA1.hexDigest(of: text)
    }

    static let reserve = StockScript(PackageResources.changes_lua + PackageResources.purchases_lua + PackageResources.reserve_lua)
    static let reserveItem = StockScript(PackageResources.changes_lua + PackageResources.purchases_lua + PackageResources.reserve_item_lua)
    static let settle = StockScript(PackageResources.changes_lua + PackageResources.buyers_lua + PackageResources.settle_lua)
    static let move = StockScript(PackageResources.changes_lua + PackageResources.buyers_lua + PackageResources.move_lua)
    static let sync = StockScript(PackageResources.changes_lua + PackageResources.sync_lua)
    static let hold = StockScript(PackageResources.changes_lua + PackageResources.hold_lua)
    static let beginRebuild = StockScript(PackageResources.changes_lua + PackageResources.begin_rebuild_lua)
    static let rebuild = StockScript(PackageResources.rebuild_lua)
    static let endRebuild = StockScript(PackageResources.changes_lua + PackageResources.end_rebuild_lua)
    static let read = StockScript(PackageResources.read_lua)
    static let probe = StockScript(PackageResources.probe_lua)
    static let timelines = StockScript(PackageResources.timelines_lua)
    static let heartbeat = StockScript(PackageResources.heartbeat_lua)
    static let nodes = StockScript(PackageResources.nodes_lua)

    /// What purchases need: sent by name alone, so that a Redis that nobody has proven refuses
    /// them. Every other script is sent as text, but for what every look calls, which is sent as
    /// text when Redis does not know it.
    static let ofPurchases = [reserve, reserveItem, settle]
}
