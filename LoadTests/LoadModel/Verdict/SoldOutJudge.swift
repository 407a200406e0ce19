/// Rules of a run whose every purchase comes too late.
package enum SoldOutJudge {
    /// - Parameters:
    ///   - available: units that the service showed before the first purchase.
    ///   - givenBack: units that came back during the run, if that is known.
    package static func findings(_ tally: Tally, confirmed: ConfirmedOrders, quantity: Int64, available: Int64, givenBack: Int64) -> [Finding] {
        let units = Int64(Set(confirmed.entries.map(\.order)).count) * quantity
        return [
            Finding(
                "nothing_sold_beyond_stock", units <= available + givenBack,
                "\(units) units answered 201 or 202, \(available) were left and \(givenBack) came back"),
            Finding("sold_out_is_said", tally.count(.soldOut) > 0, "\(tally.count(.soldOut)) of \(tally.offered) purchases refused as sold out"),
        ]
    }
}
