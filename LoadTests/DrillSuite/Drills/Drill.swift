import FaultSuite

/// What `make drill` breaks.
enum Drill {
    /// In the order in which they run: those that leave least behind come first.
    static func all(_ keeper: ShopKeeper) -> [Scenario] {
        edges(keeper) + changes(keeper) + nodes(keeper) + pages(keeper) + floods(keeper) + stores(keeper) + alerts(keeper)
    }

    /// Those that every change must pass.
    static let selection = ["D1", "D3", "D4", "D7", "D8"]
}
