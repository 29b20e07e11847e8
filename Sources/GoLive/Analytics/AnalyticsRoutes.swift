extension Application {
    var analyticsRoutes: [Route] { [] }
}
