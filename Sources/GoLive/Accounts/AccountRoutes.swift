extension Application {
    var accountRoutes: [Route] { [] }
    var creatorRoutes: [Route] { [] }
}
